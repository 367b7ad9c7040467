/* Input, output and end of a program for the machine, as in the zkVM standards' C interface.

   `_start` calls `int main(void)` and ends the program with its result: 0 is success, all else is failure. */
#ifndef ZKVM_H
#define ZKVM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define ZKVM_NORETURN [[noreturn]]
#else
#define ZKVM_NORETURN _Noreturn
#endif

/* Sets *buf to the private input and *size to its length. The bytes are read-only and are not copied; their address
   is a multiple of 16; every call gives the same answer.

   A proof is of a run on some contents of the input region: whoever proves fills all of it, and not from a file alone.
   The length may be any number; one that the region cannot hold, which is 1 GiB less sixteen bytes, ends the program as
   failed, with code 101 as a panic does. The bytes behind *size may be anything, not only zeros: do not read them. */
void read_input(const uint8_t** buf, size_t* size);

/* Appends `size` bytes to the public output, which holds 64 MiB less sixteen bytes; more ends the program as failed. */
void write_output(const uint8_t* output, size_t size);

/* Ends the program. All 64 bits of the code are part of what is proved; 0 means success. */
ZKVM_NORETURN void zkvm_exit(uint64_t code);

/* Ends the program as failed, with code 134. C++ has it in <cstdlib>. */
#ifndef __cplusplus
_Noreturn void abort(void);
#endif

#ifdef __cplusplus
}
#endif

#endif
