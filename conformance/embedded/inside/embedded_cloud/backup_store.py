"""Keeps backups as files: cinder's own driver, which needn't read what a sparse file doesn't hold."""

from __future__ import annotations

import functools
import io
import os
from typing import Any

from cinder import interface
from cinder.backup.drivers.posix import PosixBackupDriver


@functools.cache
def _zeros(size: int) -> bytes:
    return bytes(size)


class _SparseFile(io.FileIO):
    """A file that answers one and the same piece of zeros wherever it holds nothing."""

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, as of any file."""
        here, size = self.tell(), size or 0
        end = min(here + size, os.fstat(self.fileno()).st_size)
        try:
            data = self.seek(here, os.SEEK_DATA)
        except OSError:  # there is none up to the end
            data = end
        hole = data >= end == here + size
        self.seek(end if hole else here)
        return _zeros(size) if hole else super().read(size)


@interface.backupdriver
class BackupStore(PosixBackupDriver):
    """Chunks in a folder; a full backup leaves out those that are a hole, as a file that is restored begins as one."""

    def backup(self, backup: Any, volume_file: Any, backup_metadata: bool = True) -> Any:
        """Store what the volume holds, and its metadata."""
        with _SparseFile(volume_file.name) as file:
            return super().backup(backup, file, backup_metadata)

    def _calculate_sha(self, data: bytes) -> Any:
        if data is not _zeros(self.chunk_size_bytes):
            return super()._calculate_sha(data)
        digest, *_ = super()._calculate_sha(data[: self.sha_block_size_bytes])
        return [digest] * (len(data) // self.sha_block_size_bytes)

    def _backup_chunk(self, backup: Any, container: Any, data: bytes, *args: Any) -> None:
        if data is not _zeros(self.chunk_size_bytes) or backup.parent_id:
            super()._backup_chunk(backup, container, data, *args)
