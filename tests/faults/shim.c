/* Stands between a process and the C library: numbers the calls that change or lock files below one directory, and at
   the n-th of them kills the process or lets the call fail. Loaded by LD_PRELOAD; disarmed until fault_arm is called.

   Everything that Python and SQLite do to files goes through these functions; tests/faults/test_quick.py holds the
   list against what strace sees. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOTHING = 0, KILL = -1, TEAR = -2, SHORT = -3 }; /* positive: fail with this errno */
enum { GO = 0, FAIL, HALF, HALF_AND_KILL };

static char root[PATH_MAX];
static size_t root_length;
static long counted, wanted;
static int action, lasting, told = -1;

/* Children that are executed (git, the training command) run without it. */
__attribute__((constructor)) static void loaded(void) { unsetenv("LD_PRELOAD"); }

void fault_arm(const char *below, long n, int what, int stays, int list) {
    snprintf(root, sizeof root, "%s/", below);
    root_length = strlen(root);
    counted = 0, wanted = n, action = what, lasting = stays, told = list;
}
long fault_count(void) { return counted; }

/* What the n-th call is to do: proceed, fail with errno set, or write a part. `grows` says that it needs space. */
static int decide(const char *name, const char *path, int grows) {
    if (!root_length || strncmp(path, root, root_length)) return GO;
    long n = __sync_add_and_fetch(&counted, 1);
    if (told >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%s %s\n", name, path + root_length);
        syscall(SYS_write, told, line, (size_t)length);
    }
    if (!wanted || n < wanted || (n > wanted && !(lasting && grows))) return GO;
    if (action == TEAR && grows == 2) return HALF_AND_KILL;
    if (action == KILL || action == TEAR) kill(getpid(), SIGKILL), pause();
    if (action == SHORT) return grows == 2 ? HALF : GO;
    if (action == NOTHING) return GO;
    errno = action;
    return FAIL;
}
static int decide_fd(const char *name, int fd, int grows) {
    char link[64], path[PATH_MAX];
    if (!root_length) return GO;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return GO;
    path[length] = 0;
    return decide(name, path, grows);
}
static int decide_at(const char *name, int dir, const char *given, int grows) {
    char path[2 * PATH_MAX], link[64];
    if (!root_length || !given) return GO;
    if (given[0] == '/') return decide(name, given, grows);
    ssize_t length;
    if (dir == AT_FDCWD) {
        if (!getcwd(path, PATH_MAX)) return GO;
        length = (ssize_t)strlen(path);
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        if ((length = readlink(link, path, PATH_MAX)) < 0) return GO;
    }
    snprintf(path + length, sizeof path - (size_t)length, "/%s", given);
    return decide(name, path, grows);
}

#define REAL(name) static __typeof__(name) *real; if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)
#define CALL(type, name, parameters, verdict, ...) \
    type name parameters { REAL(name); if (verdict == FAIL) return -1; return real(__VA_ARGS__); }
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

#define OPEN(name, parameters, dir, ...) \
    int name parameters { \
        REAL(name); mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
        if ((flags & WRITES) && decide_at("open", dir, path, (flags & O_CREAT) != 0) == FAIL) return -1; \
        return real(__VA_ARGS__, flags, mode); }
OPEN(open, (const char *path, int flags, ...), AT_FDCWD, path)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, path)
OPEN(openat, (int dir, const char *path, int flags, ...), dir, dir, path)
OPEN(openat64, (int dir, const char *path, int flags, ...), dir, dir, path)

#define WRITE(name, parameters, ...) \
    ssize_t name parameters { \
        REAL(name); \
        switch (decide_fd("write", fd, 2)) { \
            case FAIL: return -1; \
            case HALF: size = size > 1 ? size / 2 : size; break; \
            case HALF_AND_KILL: size /= 2; real(__VA_ARGS__); kill(getpid(), SIGKILL); pause(); \
        } \
        return real(__VA_ARGS__); }
WRITE(write, (int fd, const void *data, size_t size), fd, data, size)
WRITE(pwrite, (int fd, const void *data, size_t size, off_t at), fd, data, size, at)
WRITE(pwrite64, (int fd, const void *data, size_t size, off64_t at), fd, data, size, at)
WRITE(sendfile, (int fd, int from, off_t *at, size_t size), fd, from, at, size)
WRITE(sendfile64, (int fd, int from, off64_t *at, size_t size), fd, from, at, size)

CALL(int, fsync, (int fd), decide_fd("sync", fd, 0), fd)
CALL(int, fdatasync, (int fd), decide_fd("sync", fd, 0), fd)
CALL(int, ftruncate, (int fd, off_t size), decide_fd("truncate", fd, size > 0), fd, size)
CALL(int, ftruncate64, (int fd, off64_t size), decide_fd("truncate", fd, size > 0), fd, size)
CALL(int, flock, (int fd, int how), decide_fd("lock", fd, 0), fd, how)
CALL(int, mkdir, (const char *path, mode_t mode), decide_at("mkdir", AT_FDCWD, path, 1), path, mode)
CALL(int, mkdirat, (int dir, const char *path, mode_t mode), decide_at("mkdir", dir, path, 1), dir, path, mode)
CALL(int, rmdir, (const char *path), decide_at("rmdir", AT_FDCWD, path, 0), path)
CALL(int, unlink, (const char *path), decide_at("unlink", AT_FDCWD, path, 0), path)
CALL(int, unlinkat, (int dir, const char *path, int flags), decide_at("unlink", dir, path, 0), dir, path, flags)
CALL(int, rename, (const char *from, const char *to), decide_at("rename", AT_FDCWD, to, 0), from, to)
CALL(int, renameat, (int a, const char *from, int b, const char *to), decide_at("rename", b, to, 0), a, from, b, to)
CALL(int, link, (const char *from, const char *to), decide_at("link", AT_FDCWD, to, 1), from, to)
CALL(int, symlink, (const char *from, const char *to), decide_at("link", AT_FDCWD, to, 1), from, to)
CALL(int, chmod, (const char *path, mode_t mode), decide_at("chmod", AT_FDCWD, path, 0), path, mode)
CALL(int, fchmod, (int fd, mode_t mode), decide_fd("chmod", fd, 0), fd, mode)

#define FCNTL(name) \
    int name(int fd, int command, ...) { \
        REAL(name); va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest); \
        if ((command == F_SETLK || command == F_SETLKW) && decide_fd("lock", fd, 0) == FAIL) return -1; \
        return real(fd, command, argument); }
FCNTL(fcntl)
FCNTL(fcntl64)
