/*
 * Preloaded into a process, keeps what a power cut would leave of a database: whenever the database or its WAL is
 * synced, the file as it was when the sync began is copied beside it (`.synced`). While the file that SYNC_HOLD names
 * exists, the disk takes nothing: a sync does not return.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static int ends_with(const char *text, const char *end) {
  size_t length = strlen(text), wanted = strlen(end);
  return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static void hold(void) {
  const char *file = getenv("SYNC_HOLD");
  struct timespec moment = {0, 1000000};
  while (file != NULL && access(file, F_OK) == 0) nanosleep(&moment, NULL);
}

/* Reads through the descriptor that is there: to open and close the database would drop SQLite's locks on it. */
static void copy(int from, const char *to) {
  char buffer[65536];
  int target = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  off_t at = 0;
  ssize_t got;
  for (; (got = pread(from, buffer, sizeof buffer, at)) > 0; at += got)
    if (write(target, buffer, got) != got) abort();
  close(target);
}

static void keep(int descriptor) {
  char link[64], path[4096], lock[4200], temporary[4200], kept[4200];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  if (!ends_with(path, ".db") && !ends_with(path, ".db-wal")) return;
  hold();
  snprintf(lock, sizeof lock, "%s.lock", path);
  snprintf(temporary, sizeof temporary, "%s.copying", path);
  snprintf(kept, sizeof kept, "%s.synced", path);
  int mutex = open(lock, O_RDWR | O_CREAT, 0600);
  flock(mutex, LOCK_EX);
  copy(descriptor, temporary);
  rename(temporary, kept);
  close(mutex);
}

int fdatasync(int descriptor) {
  keep(descriptor);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor);
}

int fsync(int descriptor) {
  keep(descriptor);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}
