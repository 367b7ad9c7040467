/* What picolibc leaves to a system: streams, the end of a program, signals to itself. Compile it along with a program.
   Standard output and standard error are the console, where each character is shown at once; standard input is the
   program's input. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "zkvm.h"

/* Optimisation of the whole program sees no use of what only the library refers to. */
#define USED __attribute__((used))

static int show(int fd, char c) {
    register long number __asm__("a7") = 64;
    register long a0 __asm__("a0") = fd;
    register const char* a1 __asm__("a1") = &c;
    register long a2 __asm__("a2") = 1;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(number), "r"(a1), "r"(a2) : "memory");
    return (unsigned char)c;
}

static int put_out(char c, FILE* stream) {
    (void)stream;
    return show(1, c);
}

static int put_err(char c, FILE* stream) {
    (void)stream;
    return show(2, c);
}

static int get_in(FILE* stream) {
    static size_t taken;
    const uint8_t* input;
    size_t size;
    (void)stream;
    read_input(&input, &size);
    return taken < size ? input[taken++] : _FDEV_EOF;
}

static FILE in = FDEV_SETUP_STREAM(NULL, get_in, NULL, _FDEV_SETUP_READ);
static FILE out = FDEV_SETUP_STREAM(put_out, NULL, NULL, _FDEV_SETUP_WRITE);
static FILE err = FDEV_SETUP_STREAM(put_err, NULL, NULL, _FDEV_SETUP_WRITE);

USED FILE* const stdin = &in;
USED FILE* const stdout = &out;
USED FILE* const stderr = &err;

/* The memory is the guest library's, errno is picolibc's. */
USED void __zkvm_no_memory(void) {
    errno = ENOMEM;
}

/* What `main` returns is what it would exit with: functions of `atexit` are called, and destructors. */
USED void __zkvm_finish(int code) {
    exit(code);
}

/* There is one process, and whatever signal it sends to itself without having a handler ends it, as shells show that. */
USED int getpid(void) {
    return 1;
}

USED int kill(int process, int signal) {
    (void)process;
    zkvm_exit(128 + (unsigned)signal);
}
