// What kwit is measured against: milters that do next to nothing, and the least that a durable
// intake can do. No rules, no MIME, no errors handled beyond "try again": not for any use but
// comparison.
//
//   bench-bare accept|discard|durable SOCKET [DIRECTORY]
//
// accept: ACCEPT at DATA. discard: sees all, keeps nothing, DISCARD. durable: the same duties as
// kwit: the mail as it came and its one base64 document are hashed, synced and linked under their
// digests, and a record is committed to LMDB (leader and followers), before DISCARD.
#include <fcntl.h>
#include <libmilter/mfapi.h>
#include <lmdb.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string directory;
MDB_env* environment = nullptr;
MDB_dbi table = 0;

void must(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

class Sha256 {
public:
    Sha256() { must(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "digest"); }

    void add(std::string_view bytes) {
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    }

    std::string hex() {
        std::array<unsigned char, 32> digest{};
        EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
        std::string out;
        for (const unsigned char byte : digest) {
            std::array<char, 3> two{};
            std::snprintf(two.data(), two.size(), "%02x", byte);
            out += two.data();
        }
        return out;
    }

private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };

    std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

/// A nameless file that is hashed while it is written, then published under its digest.
class Object {
public:
    Object() : fd_(::open((directory + "/objects").c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
        must(fd_ >= 0, "temporary file");
    }

    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

    ~Object() { ::close(fd_); }

    void add(std::string_view bytes) {
        sha256_.add(bytes);
        while (!bytes.empty()) {
            const auto written = ::write(fd_, bytes.data(), bytes.size());
            must(written > 0, "write");
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    std::string publish() {
        std::string name = sha256_.hex();
        const std::string shard = directory + "/objects/" + name.substr(0, 2);
        ::mkdir(shard.c_str(), 0700);
        must(::fsync(fd_) == 0, "sync");
        const std::string self = "/proc/self/fd/" + std::to_string(fd_);
        const std::string path = shard + "/" + name;
        const int linked =
            ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW);
        must(linked == 0 || errno == EEXIST, "link");
        sync_directory(directory + "/objects");
        sync_directory(shard);
        return name;
    }

private:
    static void sync_directory(const std::string& path) {
        const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        must(fd >= 0 && ::fsync(fd) == 0, "sync of a directory");
        ::close(fd);
    }

    int fd_;
    Sha256 sha256_{};
};

/// Base64 of lines as mail has them; what is none of it is skipped.
class Decoder {
public:
    std::string decode(std::string_view in) {
        std::string out;
        out.reserve(in.size() * 3 / 4 + 3);
        for (const char c : in) {
            const int value = values()[static_cast<unsigned char>(c)];
            if (value < 0) continue;
            bits_ = bits_ << 6U | static_cast<unsigned>(value);
            if ((count_ += 6) < 8) continue;
            count_ -= 8;
            out += static_cast<char>(bits_ >> count_ & 0xffU);
        }
        return out;
    }

private:
    static const std::array<int, 256>& values() {
        static const std::array<int, 256> made = [] {
            constexpr std::string_view alphabet =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            std::array<int, 256> out{};
            out.fill(-1);
            for (std::size_t i = 0; i < alphabet.size(); ++i)
                out.at(static_cast<unsigned char>(alphabet[i])) = static_cast<int>(i);
            return out;
        }();
        return made;
    }

    unsigned bits_ = 0;
    unsigned count_ = 0;
};

/// Who finds no leader commits for all that wait.
class Commits {
public:
    void add(std::string key, std::string value) {
        Job job{std::move(key), std::move(value)};
        std::unique_lock lock(mutex_);
        waiting_.push_back(&job);
        while (!job.done) {
            if (leading_) {
                changed_.wait(lock);
                continue;
            }
            leading_ = true;
            std::vector<Job*> batch;
            batch.swap(waiting_);
            lock.unlock();
            commit(batch);
            lock.lock();
            for (Job* each : batch)
                each->done = true;
            leading_ = false;
            changed_.notify_all();
        }
    }

private:
    struct Job {
        std::string key;
        std::string value;
        bool done = false;
    };

    static void commit(const std::vector<Job*>& batch) {
        MDB_txn* transaction = nullptr;
        must(mdb_txn_begin(environment, nullptr, 0, &transaction) == 0, "transaction");
        for (Job* job : batch) {
            MDB_val key{job->key.size(), job->key.data()};
            MDB_val value{job->value.size(), job->value.data()};
            must(mdb_put(transaction, table, &key, &value, 0) == 0, "put");
        }
        must(mdb_txn_commit(transaction) == 0, "commit");
    }

    std::mutex mutex_{};
    std::condition_variable changed_{};
    std::vector<Job*> waiting_{};
    bool leading_ = false;
} commits;

/// One mail: the original, and the document in its base64 part as the chunks come.
struct Mail {
    Object original{};
    Object document{};
    Decoder decoder{};
    bool in_document = false;
    std::string head{}; // what has come until the base64 begins

    void body(std::string_view chunk) {
        original.add(chunk);
        if (!in_document) {
            head += chunk;
            const std::size_t encoded = head.find("base64");
            const std::size_t begin =
                encoded == std::string::npos ? encoded : head.find("\r\n\r\n", encoded);
            if (begin == std::string::npos) return;
            in_document = true;
            return decode(std::string_view(head).substr(begin + 4));
        }
        decode(chunk);
    }

    void decode(std::string_view chunk) {
        const std::size_t end = chunk.find("\r\n--");
        document.add(decoder.decode(chunk.substr(0, end)));
    }
};

enum class Mode { accept, discard, durable } mode = Mode::accept;

Mail* mail_of(SMFICTX* context) {
    return static_cast<Mail*>(smfi_getpriv(context));
}

sfsistat forget(SMFICTX* context) {
    delete mail_of(context);
    smfi_setpriv(context, nullptr);
    return SMFIS_CONTINUE;
}

template <typename Step>
sfsistat guarded(Step step) {
    try {
        return step();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-bare: %s\n", error.what());
        return SMFIS_TEMPFAIL;
    }
}

sfsistat negotiate(
    SMFICTX*,
    unsigned long,
    unsigned long offered,
    unsigned long,
    unsigned long,
    unsigned long* actions,
    unsigned long* steps,
    unsigned long* more,
    unsigned long* rest
) {
    *actions = 0;
    *steps =
        offered & (SMFIP_NOHELO | SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_BODY);
    *more = *rest = 0;
    return SMFIS_CONTINUE;
}

sfsistat data(SMFICTX* context) {
    if (mode == Mode::accept) return SMFIS_ACCEPT;
    return guarded([&] {
        forget(context);
        if (mode == Mode::durable) smfi_setpriv(context, new Mail);
        return SMFIS_CONTINUE;
    });
}

sfsistat header(SMFICTX* context, char* name, char* value) {
    return guarded([&] {
        if (Mail* mail = mail_of(context))
            mail->original.add(std::string(name) + ": " + value + "\r\n");
        return SMFIS_NOREPLY;
    });
}

sfsistat body(SMFICTX* context, unsigned char* bytes, std::size_t size) {
    return guarded([&] {
        if (Mail* mail = mail_of(context)) mail->body({reinterpret_cast<const char*>(bytes), size});
        return SMFIS_NOREPLY;
    });
}

sfsistat end(SMFICTX* context) {
    return guarded([&]() -> sfsistat {
        if (Mail* mail = mail_of(context)) {
            std::string document = mail->document.publish();
            std::string original = mail->original.publish();
            commits.add(std::move(original), std::move(document) + std::string(1500, 'r'));
        }
        forget(context);
        return mode == Mode::accept ? SMFIS_ACCEPT : SMFIS_DISCARD;
    });
}

void open_store() {
    ::mkdir(directory.c_str(), 0700);
    ::mkdir((directory + "/objects").c_str(), 0700);
    ::mkdir((directory + "/index").c_str(), 0700);
    must(mdb_env_create(&environment) == 0, "LMDB");
    mdb_env_set_mapsize(environment, std::size_t{1} << 34U);
    must(
        mdb_env_open(environment, (directory + "/index").c_str(), MDB_NOTLS, 0600) == 0,
        "LMDB opens"
    );
    MDB_txn* transaction = nullptr;
    must(mdb_txn_begin(environment, nullptr, 0, &transaction) == 0, "transaction");
    must(mdb_dbi_open(transaction, nullptr, 0, &table) == 0, "table");
    must(mdb_txn_commit(transaction) == 0, "commit");
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::string_view chosen = argv[1];
    mode = chosen == "durable" ? Mode::durable : chosen == "discard" ? Mode::discard : Mode::accept;
    if (mode == Mode::durable) {
        directory = argv[3];
        open_store();
    }
    std::string name = "bench-bare";
    smfiDesc description{};
    description.xxfi_name = name.data();
    description.xxfi_version = SMFI_VERSION;
    description.xxfi_negotiate = negotiate;
    description.xxfi_data = data;
    if (mode != Mode::accept) {
        description.xxfi_header = header;
        description.xxfi_body = body;
        description.xxfi_eom = end;
        description.xxfi_abort = forget;
        description.xxfi_close = forget;
    }
    ::umask(0);
    if (smfi_register(description) != MI_SUCCESS || smfi_setconn(argv[2]) != MI_SUCCESS) return 1;
    return smfi_main();
}
