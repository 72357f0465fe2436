/* Kills the program that it is loaded into at its Nth call that changes a file in one folder.

   Loaded with LD_PRELOAD. It takes its settings out of the environment again, and itself too, so that what the program
   starts is left alone. Every call is logged, one line each, to a file that lies elsewhere.

   CURATOR_FAULT_FOLDER  the folder, as an absolute path without symbolic links
   CURATOR_FAULT_LOG     the log
   CURATOR_FAULT_AT      the number of the call to kill at, from 1; 0 only counts
   CURATOR_FAULT_MOMENT  before, half (of what the call writes) or after */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum moment { PASS, BEFORE, HALF, AFTER };

static char folder[PATH_MAX];
static size_t folder_length;
static int log_descriptor = -1;
static long kill_at;
static enum moment kill_moment = AFTER;
static atomic_long calls;

#define REAL(type, name, ...)                                  \
    static type (*real)(__VA_ARGS__);                          \
    if (!real)                                                 \
        real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
    const char *watched = getenv("CURATOR_FAULT_FOLDER"), *log = getenv("CURATOR_FAULT_LOG");
    const char *at = getenv("CURATOR_FAULT_AT"), *moment = getenv("CURATOR_FAULT_MOMENT");
    if (watched && log && strlen(watched) < sizeof folder) {
        int opened = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        log_descriptor = fcntl(opened, F_DUPFD_CLOEXEC, 500);
        close(opened);
        strcpy(folder, watched);
        folder_length = strlen(folder);
        kill_at = at ? atol(at) : 0;
        if (moment && !strcmp(moment, "before"))
            kill_moment = BEFORE;
        if (moment && !strcmp(moment, "half"))
            kill_moment = HALF;
    }
    unsetenv("CURATOR_FAULT_FOLDER");
    unsetenv("CURATOR_FAULT_LOG");
    unsetenv("CURATOR_FAULT_AT");
    unsetenv("CURATOR_FAULT_MOMENT");
    unsetenv("LD_PRELOAD");
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Counts a call on a path, if it lies in the folder; says whether to die in its middle or after it. */
static enum moment enter(const char *call, const char *path) {
    char line[PATH_MAX + 100];
    int length;
    long number;
    if (log_descriptor < 0 || strncmp(path, folder, folder_length) ||
        (path[folder_length] && path[folder_length] != '/'))
        return PASS;
    number = atomic_fetch_add(&calls, 1) + 1;
    length = snprintf(line, sizeof line, "%ld\t%s\t%s\n", number, call, path + folder_length);
    syscall(SYS_write, log_descriptor, line, (size_t)length);
    if (number != kill_at)
        return PASS;
    length = snprintf(line, sizeof line, "killed\n");
    syscall(SYS_write, log_descriptor, line, (size_t)length);
    if (kill_moment == BEFORE)
        die();
    return kill_moment;
}

static enum moment enter_descriptor(const char *call, int descriptor) {
    char link[64], path[PATH_MAX];
    int before = errno;
    ssize_t length;
    if (log_descriptor < 0)
        return PASS;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0)
        return PASS;
    path[length] = 0;
    return enter(call, path);
}

static enum moment enter_path(const char *call, int base, const char *path) {
    char link[64], whole[2 * PATH_MAX];
    int before = errno;
    ssize_t length;
    if (log_descriptor < 0 || path[0] == '/')
        return log_descriptor < 0 ? PASS : enter(call, path);
    if (base == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", base);
    length = readlink(link, whole, PATH_MAX);
    errno = before;
    if (length < 0)
        return PASS;
    snprintf(whole + length, sizeof whole - (size_t)length, "/%s", path);
    return enter(call, whole);
}

#define PART(moment, length) ((moment) == HALF ? (length) / 2 : (length))
#define LEAVE(moment, result) \
    if ((moment) != PASS)     \
        die();                \
    return result

ssize_t write(int descriptor, const void *content, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    enum moment moment = enter_descriptor("write", descriptor);
    ssize_t result = real(descriptor, content, PART(moment, length));
    LEAVE(moment, result);
}

ssize_t pwrite(int descriptor, const void *content, size_t length, off_t at) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    enum moment moment = enter_descriptor("write", descriptor);
    ssize_t result = real(descriptor, content, PART(moment, length), at);
    LEAVE(moment, result);
}

ssize_t pwrite64(int descriptor, const void *content, size_t length, off64_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    enum moment moment = enter_descriptor("write", descriptor);
    ssize_t result = real(descriptor, content, PART(moment, length), at);
    LEAVE(moment, result);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    enum moment moment = enter_descriptor("write", descriptor);
    ssize_t result = real(descriptor, parts, PART(moment, count));
    LEAVE(moment, result);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned int flags) {
    REAL(ssize_t, "copy_file_range", int, off64_t *, int, off64_t *, size_t, unsigned int);
    enum moment moment = enter_descriptor("copy", to);
    ssize_t result = real(from, from_at, to, to_at, PART(moment, length), flags);
    LEAVE(moment, result);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t length) {
    REAL(ssize_t, "sendfile64", int, int, off64_t *, size_t);
    enum moment moment = enter_descriptor("copy", to);
    ssize_t result = real(to, from, at, PART(moment, length));
    LEAVE(moment, result);
}

int ftruncate(int descriptor, off_t length) {
    REAL(int, "ftruncate", int, off_t);
    enum moment moment = enter_descriptor("truncate", descriptor);
    int result = real(descriptor, length);
    LEAVE(moment, result);
}

int ftruncate64(int descriptor, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    enum moment moment = enter_descriptor("truncate", descriptor);
    int result = real(descriptor, length);
    LEAVE(moment, result);
}

int fsync(int descriptor) {
    REAL(int, "fsync", int);
    enum moment moment = enter_descriptor("sync", descriptor);
    int result = real(descriptor);
    LEAVE(moment, result);
}

int fdatasync(int descriptor) {
    REAL(int, "fdatasync", int);
    enum moment moment = enter_descriptor("sync", descriptor);
    int result = real(descriptor);
    LEAVE(moment, result);
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    enum moment moment = enter_path("rename", AT_FDCWD, to);
    int result = real(from, to);
    LEAVE(moment, result);
}

int renameat(int from_base, const char *from, int to_base, const char *to) {
    REAL(int, "renameat", int, const char *, int, const char *);
    enum moment moment = enter_path("rename", to_base, to);
    int result = real(from_base, from, to_base, to);
    LEAVE(moment, result);
}

int renameat2(int from_base, const char *from, int to_base, const char *to, unsigned int flags) {
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned int);
    enum moment moment = enter_path("rename", to_base, to);
    int result = real(from_base, from, to_base, to, flags);
    LEAVE(moment, result);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    enum moment moment = enter_path("unlink", AT_FDCWD, path);
    int result = real(path);
    LEAVE(moment, result);
}

int unlinkat(int base, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    enum moment moment = enter_path("unlink", base, path);
    int result = real(base, path, flags);
    LEAVE(moment, result);
}
