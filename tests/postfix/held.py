"""The index of an archive held by another writer: whoever commits meanwhile waits, for as long as a test needs."""

import contextlib
import ctypes

NO_TLS = 0x200000  # MDB_NOTLS, as kwit opens it


@contextlib.contextmanager
def index_held(archive):
    lmdb = ctypes.CDLL("liblmdb.so.0")
    environment, transaction = ctypes.c_void_p(), ctypes.c_void_p()

    def done(code: int):
        assert code == 0, f"LMDB: {code}"

    done(lmdb.mdb_env_create(ctypes.byref(environment)))
    try:
        done(lmdb.mdb_env_open(environment, bytes(archive / "index"), NO_TLS, 0o600))
        done(lmdb.mdb_txn_begin(environment, None, 0, ctypes.byref(transaction)))
        try:
            yield
        finally:
            lmdb.mdb_txn_abort(transaction)
    finally:
        lmdb.mdb_env_close(environment)
