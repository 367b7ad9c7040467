/* The streams of picolibc, shown on the console. Compile it along with a program that prints: picolibc leaves to the
   program where its output goes. Each character is shown at once. */
#include <stdio.h>

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

static FILE out = FDEV_SETUP_STREAM(put_out, NULL, NULL, _FDEV_SETUP_WRITE);
static FILE err = FDEV_SETUP_STREAM(put_err, NULL, NULL, _FDEV_SETUP_WRITE);

FILE* const stdin = NULL;
FILE* const stdout = &out;
FILE* const stderr = &err;
