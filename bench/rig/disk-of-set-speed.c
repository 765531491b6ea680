/*
 * Preloaded into a process, it makes each fsync and fdatasync take BENCH_FSYNC_US microseconds instead of what the disk
 * takes. Nothing is synced: only for files that a benchmark throws away.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

static long set_us(void) {
  const char *given = getenv("BENCH_FSYNC_US");
  return given == NULL ? 0 : atol(given);
}

static int take_the_time(void) {
  /* Sleeps are 50 us late unless a thread asks for less. */
  static __thread int precise = 0;
  struct timespec end;
  long us = set_us();
  if (!precise) precise = prctl(PR_SET_TIMERSLACK, 1) == 0;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_nsec += (us % 1000000) * 1000;
  end.tv_sec += us / 1000000 + end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {
  }
  return 0;
}

int fsync(int descriptor) {
  (void)descriptor;
  return take_the_time();
}

int fdatasync(int descriptor) {
  (void)descriptor;
  return take_the_time();
}
