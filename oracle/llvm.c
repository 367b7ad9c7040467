// Disassembles words with LLVM: reads little-endian 32-bit words from stdin and writes for each a line to stdout, the
// length in bytes and the assembly text without aliases, or an empty line where LLVM finds no instruction.
//
// Exit codes: 0 the input ended, 2 LLVM cannot do it.
#include <llvm-c/Disassembler.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 4096, TEXT = 256 };

int main(void) {
    // The C interface has no other way to ask for instructions as they are and not as their aliases.
    const char *const arguments[] = {"llvm", "-riscv-no-aliases"};
    LLVMParseCommandLineOptions(2, arguments, NULL);
    LLVMInitializeRISCVTargetInfo();
    LLVMInitializeRISCVTargetMC();
    LLVMInitializeRISCVDisassembler();
    LLVMDisasmContextRef context = LLVMCreateDisasmCPUFeatures(
        "riscv64", "generic-rv64", "+m,+a,+c,+zicsr,+zifencei,+zba,+zbb,+zbs", NULL, 0, NULL, NULL);
    if (!context) {
        fprintf(stderr, "llvm: no disassembler for riscv64\n");
        return 2;
    }

    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    static uint8_t words[4 * WORDS];
    size_t count;
    while ((count = fread(words, 4, WORDS, stdin)) > 0) {
        for (size_t i = 0; i < count; i++) {
            char text[TEXT];
            size_t length = LLVMDisasmInstruction(context, &words[4 * i], 4, 0, text, sizeof text);
            if (length > 0) {
                putchar('0' + (int)length);
                fputs(text, stdout);
            }
            putchar('\n');
        }
        // Whoever does not want to read on has seen enough.
        if (ferror(stdout)) return 0;
    }
    LLVMDisasmDispose(context);
    return fflush(stdout) ? 2 : 0;
}
