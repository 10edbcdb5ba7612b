"""What kwit-milter uses, read from the outside while it works."""

import dataclasses
import os
import pathlib
import re
import time

from harness.kwit import Kwit


@dataclasses.dataclass(frozen=True)
class Sample:
    seconds: float  # since the beginning
    mails: int  # answered until then
    descriptors: int
    threads: int
    memory: int  # resident, bytes; without the pages of the index, which grow with it and are the system's to take back
    index: int  # what the index takes on the disk, bytes

    def __str__(self):
        return (f"{self.seconds:7.0f} s {self.mails:7} mails {self.descriptors:4} descriptors {self.threads:4} threads "
                f"{self.memory / 2**20:7.1f} MiB {self.index / 2**20:7.1f} MiB index")


class Gauge:
    def __init__(self, kwit: Kwit):
        self.kwit = kwit
        self.started = time.monotonic()
        self.samples: list[Sample] = []

    def read(self, mails: int) -> Sample:
        process = pathlib.Path(f"/proc/{self.kwit.process.pid}")
        status = (process / "status").read_text()
        index = sum(path.stat().st_blocks * 512 for path in (self.kwit.archive / "index").iterdir())
        sample = Sample(time.monotonic() - self.started, mails, len(os.listdir(process / "fd")),
                        int(re.search(r"Threads:\s+(\d+)", status)[1]),
                        int(re.search(r"RssAnon:\s+(\d+)", status)[1]) * 1024, index)
        self.samples.append(sample)
        return sample

    def rest(self, mails: int) -> Sample:
        """A sample once nothing happens any more: descriptors have stopped going down."""
        time.sleep(1)
        sample = self.read(mails)
        for _ in range(30):
            time.sleep(0.5)
            before, sample = sample, self.read(mails)
            if sample.descriptors >= before.descriptors and sample.threads >= before.threads:
                break
        return sample
