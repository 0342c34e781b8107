/*
 * Lets one call of the file system fail, be it of Node.js or of SQLite: loaded before a program (LD_PRELOAD), it counts the calls that touch
 * certain folders, and the one whose number is told does not come to pass. Linux with glibc.
 *
 * FAULT_BELOW  the folders, absolute, with a colon between them
 * FAULT_CALL   which call, from 0 on
 * FAULT_KIND   EIO, EMFILE, ENOSPC: the call fails so; full: it and all later ones that need space fail with ENOSPC; short: only half is
 *              written; kill: the process ends before it
 * FAULT_LOG    a file that the call is written to
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a call does, and so which faults it can have. */
enum { LOOKS = 1, READS = 2, WRITES = 4, CREATES = 8, NAMES = 16, SYNCS = 32, LOCKS = 64, OPENS = 128 };

static const char *folders;
static const char *kind = "";
static const char *log_path;
static long wanted = -1;
static int kinds;
static atomic_long counted;

__attribute__((constructor)) static void begin(void) {
  const char *call = getenv("FAULT_CALL");
  folders = getenv("FAULT_BELOW");
  log_path = getenv("FAULT_LOG");
  if (!call || !folders || !log_path) return;
  wanted = atol(call);
  kind = getenv("FAULT_KIND") ? getenv("FAULT_KIND") : "EIO";
  if (!strcmp(kind, "EIO") || !strcmp(kind, "kill")) kinds = ~0;
  else if (!strcmp(kind, "EMFILE")) kinds = OPENS;
  else if (!strcmp(kind, "short")) kinds = WRITES;
  else kinds = WRITES | CREATES | SYNCS;
}

static int is_below(const char *path) {
  if (!path || path[0] != '/') return 0;
  for (const char *at = folders; at && *at;) {
    const char *end = strchrnul(at, ':');
    size_t n = (size_t)(end - at);
    if (!strncmp(path, at, n) && (path[n] == '/' || path[n] == 0)) return 1;
    at = *end ? end + 1 : end;
  }
  return 0;
}

/* Returns 0 where the call goes ahead, else what is wrong with it. */
static int fault(const char *name, int does, const char *path) {
  if (wanted < 0 || !(does & kinds) || !is_below(path)) return 0;
  int is_full = !strcmp(kind, "full");
  if (is_full && !(does & (WRITES | CREATES))) return 0;
  long n = atomic_fetch_add(&counted, 1);
  if (is_full ? n < wanted : n != wanted) return 0;
  if (n == wanted) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%s %s\n", name, path);
    long fd = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    syscall(SYS_write, fd, line, (size_t)length);
    syscall(SYS_close, fd);
  }
  if (!strcmp(kind, "kill")) kill(getpid(), SIGKILL);
  if (!strcmp(kind, "short")) return -1;
  return !strcmp(kind, "EIO") ? EIO : !strcmp(kind, "EMFILE") ? EMFILE : ENOSPC;
}

static int fault_of_file(const char *name, int does, int fd) {
  if (wanted < 0 || !(does & kinds) || fd < 0) return 0;
  int saved = errno;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (n < 0) return 0;
  path[n] = 0;
  return fault(name, does, path);
}

#define REAL(result, name, ...) \
  static result (*real)(__VA_ARGS__); \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, name)
#define FAIL_IF(check, value) \
  do { \
    int wrong = check; \
    if (wrong > 0) { errno = wrong; return value; } \
  } while (0)
#define STRING(name) #name
#define NAME(name) STRING(name)

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, #name, const char *, int, ...); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    FAIL_IF(fault("open", OPENS | (flags & O_CREAT ? CREATES : LOOKS), path), -1); \
    return real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

/* Reading and writing: with places or without, of one block or several. */
#define READ(name, given, passed) \
  ssize_t name given { \
    REAL(ssize_t, #name, UNPACK given); \
    FAIL_IF(fault_of_file("read", READS, fd), -1); \
    return real passed; \
  }
#define UNPACK(...) __VA_ARGS__
READ(read, (int fd, void *buffer, size_t n), (fd, buffer, n))
READ(pread64, (int fd, void *buffer, size_t n, off64_t at), (fd, buffer, n, at))
READ(readv, (int fd, const struct iovec *blocks, int n), (fd, blocks, n))
READ(preadv64, (int fd, const struct iovec *blocks, int n, off64_t at), (fd, blocks, n, at))

#define WRITE(name, given, passed, passed_half) \
  ssize_t name given { \
    REAL(ssize_t, #name, UNPACK given); \
    int wrong = fault_of_file("write", WRITES, fd); \
    if (wrong > 0) { errno = wrong; return -1; } \
    return wrong < 0 ? real passed_half : real passed; \
  }
static int half(int n) { return n > 1 ? n / 2 : n; }
WRITE(write, (int fd, const void *buffer, size_t n), (fd, buffer, n), (fd, buffer, (n + 1) / 2))
WRITE(pwrite64, (int fd, const void *buffer, size_t n, off64_t at), (fd, buffer, n, at), (fd, buffer, (n + 1) / 2, at))
WRITE(writev, (int fd, const struct iovec *blocks, int n), (fd, blocks, n), (fd, blocks, half(n)))
WRITE(pwritev64, (int fd, const struct iovec *blocks, int n, off64_t at), (fd, blocks, n, at), (fd, blocks, half(n), at))

#define OF_FILE(name, what, does, given, passed) \
  int name given { \
    REAL(int, #name, UNPACK given); \
    FAIL_IF(fault_of_file(what, does, fd), -1); \
    return real passed; \
  }
OF_FILE(fsync, "sync", SYNCS, (int fd), (fd))
OF_FILE(fdatasync, "sync", SYNCS, (int fd), (fd))
OF_FILE(ftruncate64, "truncate", WRITES, (int fd, off64_t length), (fd, length))
OF_FILE(fstat64, "stat", LOOKS, (int fd, struct stat64 *info), (fd, info))

#define OF_PATH(name, what, does, given, passed) \
  int name given { \
    REAL(int, #name, UNPACK given); \
    FAIL_IF(fault(what, does, path), -1); \
    return real passed; \
  }
OF_PATH(unlink, "unlink", NAMES, (const char *path), (path))
OF_PATH(rmdir, "rmdir", NAMES, (const char *path), (path))
OF_PATH(rename, "rename", NAMES | CREATES, (const char *path, const char *to), (path, to))
OF_PATH(mkdir, "mkdir", NAMES | CREATES, (const char *path, mode_t mode), (path, mode))
OF_PATH(stat64, "stat", LOOKS, (const char *path, struct stat64 *info), (path, info))
OF_PATH(lstat64, "stat", LOOKS, (const char *path, struct stat64 *info), (path, info))

OF_PATH(access, "access", LOOKS, (const char *path, int mode), (path, mode))

/* Node.js asks what a file is like by a system call without a name of its own. */
long syscall(long number, ...) {
  REAL(long, "syscall", long, ...);
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_statx) {
    const char *path = (const char *)a[1];
    FAIL_IF(path && *path ? fault("stat", LOOKS, path) : fault_of_file("stat", LOOKS, (int)a[0]), -1);
  }
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* The file is closed all the same, as close(2) says it is. */
int close(int fd) {
  REAL(int, "close", int);
  int wrong = fault_of_file("close", SYNCS, fd);
  int result = real(fd);
  if (wrong > 0) { errno = wrong; return -1; }
  return result;
}

/* SQLite keeps processes apart by locks of bytes. */
int fcntl64(int fd, int command, ...) {
  REAL(int, "fcntl64", int, int, ...);
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (command == F_SETLK || command == F_SETLKW) FAIL_IF(fault_of_file("lock", LOCKS, fd), -1);
  return real(fd, command, argument);
}

/* The shared index of SQLite's log. */
void *mmap64(void *at, size_t n, int protection, int flags, int fd, off64_t from) {
  REAL(void *, "mmap64", void *, size_t, int, int, int, off64_t);
  FAIL_IF(fault_of_file("map", READS, fd), (void *)-1);
  return real(at, n, protection, flags, fd, from);
}
