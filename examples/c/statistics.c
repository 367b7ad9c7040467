/* Input: numbers as text, one on each line. Output, as text: how many there are, their sum, the least, the greatest and
   the median. A line that is no number ends the program with code 2. What a program in C uses, by picolibc: memory,
   sorting, numbers from text and text from numbers, errors, what is to be done at the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkvm.h"

static int ascending(const void* a, const void* b) {
    double x = *(const double*)a, y = *(const double*)b;
    return (x > y) - (x < y);
}

/* Keeps the last number that was read for whoever is in the same thread; there is one. */
static _Thread_local double last;
static _Thread_local unsigned long lines = 0;

static void tell_last(void) {
    printf("last %.3f of %lu\n", last, lines);
}

static char* copy_of_input(size_t* size) {
    const uint8_t* input;
    read_input(&input, size);
    char* text = malloc(*size + 1);
    if (text == NULL) {
        fprintf(stderr, "no memory for %zu bytes: %s\n", *size, errno == ENOMEM ? "ENOMEM" : "?");
        exit(3);
    }
    memcpy(text, input, *size);
    text[*size] = '\0';
    return text;
}

int main(void) {
    size_t size, count = 0;
    char* text = copy_of_input(&size);
    double *numbers = NULL, sum = 0;
    for (char* line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char* end;
        errno = 0;
        last = strtod(line, &end);
        lines++;
        if (end == line || *end != '\0' || errno == ERANGE) {
            fprintf(stderr, "line %lu is no number: %s\n", lines, line);
            return 2;
        }
        numbers = realloc(numbers, (count + 1) * sizeof *numbers);
        numbers[count++] = last;
        sum += last;
    }
    if (count == 0) {
        fputs("no numbers\n", stderr);
        return 2;
    }
    qsort(numbers, count, sizeof *numbers, ascending);
    double median = (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
    char report[200];
    int length = snprintf(report, sizeof report, "%zu numbers, sum %g, least %g, greatest %g, median %g\n", count, sum,
                          numbers[0], numbers[count - 1], median);
    write_output((const uint8_t*)report, (size_t)length);
    atexit(tell_last);
    /* More than there is: an error, not a fault. */
    void* more = malloc((size_t)1 << 40);
    if (more != NULL || errno != ENOMEM) {
        return 4;
    }
    free(numbers);
    free(text);
    return 0;
}
