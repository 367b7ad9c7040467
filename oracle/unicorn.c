// Runs an ELF on Unicorn and writes the state before every instruction to stdout.
//
//   unicorn ELF [INPUT]
//
// A record is 34 little-endian doublewords: 0, pc, x0 to x31. Where the run cannot go on, the last record has 1 in place
// of 0; after `exit` there is none. This program knows the machine's memory map and its two system calls and nothing
// else about it: whoever reads the records compares.
//
// Exit codes: 0 the run ended, 2 it could not begin.
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum { REGISTERS = 32, ECALL = 0x73, WRITE = 64, EXIT = 93 };

static const uint64_t INPUT_BASE = 0x40000000, INPUT_SIZE = 1u << 30;
/* In front of the input: its length in eight bytes, and eight zeros. */
static const uint64_t HEADER_SIZE = 16;
static const uint64_t PROGRAM_BASE = 0x80000000, PROGRAM_SIZE = 256u << 20;
static const uint64_t RAM_BASE = 0xa0000000, RAM_SIZE = 1u << 30;
static const uint64_t OUTPUT_BASE = 0xe0000000, OUTPUT_SIZE = 64u << 20;

static uint64_t record[2 + REGISTERS];
static int names[1 + REGISTERS];
static void *places[1 + REGISTERS];
// Set when the instruction at hand is an environment call: Unicorn then stops in front of it.
static int at_ecall;

static void die(const char *what, const char *why) {
    fprintf(stderr, "unicorn: %s: %s\n", what, why);
    exit(2);
}

static void check(const char *what, uc_err err) {
    if (err != UC_ERR_OK) die(what, uc_strerror(err));
}

static void emit(uc_engine *uc, uint64_t kind) {
    check("registers", uc_reg_read_batch(uc, names, places, 1 + REGISTERS));
    record[0] = kind;
    // Whoever does not want to read on has seen enough.
    if (fwrite(record, sizeof record, 1, stdout) != 1) exit(0);
}

static void before(uc_engine *uc, uint64_t pc, uint32_t size, void *unused) {
    (void)unused;
    uint32_t word = 0;
    emit(uc, 0);
    at_ecall = size == 4 && uc_mem_read(uc, pc, &word, 4) == UC_ERR_OK && word == ECALL;
    if (at_ecall) uc_emu_stop(uc);
}

static char *read_file(const char *path, uint64_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) die(path, "cannot be read");
    long end = ftell(file);
    char *bytes = malloc(end > 0 ? (size_t)end : 1);
    rewind(file);
    if (end < 0 || !bytes || fread(bytes, 1, (size_t)end, file) != (size_t)end) die(path, "cannot be read");
    fclose(file);
    *size = (uint64_t)end;
    return bytes;
}

static uint64_t load(uc_engine *uc, const char *path) {
    uint64_t size;
    char *file = read_file(path, &size);
    Elf64_Ehdr header;
    if (size < sizeof header) die(path, "no ELF file");
    memcpy(&header, file, sizeof header);
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        uint64_t at = header.e_phoff + i * sizeof segment;
        if (at + sizeof segment > size) die(path, "truncated");
        memcpy(&segment, file + at, sizeof segment);
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
        if (segment.p_offset + segment.p_filesz > size) die(path, "truncated");
        check("segment", uc_mem_write(uc, segment.p_vaddr, file + segment.p_offset, segment.p_filesz));
    }
    free(file);
    return header.e_entry;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) die("usage", "unicorn ELF [INPUT]");
    uint64_t input_size = 0;
    char *input = argc == 3 ? read_file(argv[2], &input_size) : NULL;

    uc_engine *uc;
    check("open", uc_open(UC_ARCH_RISCV, UC_MODE_RISCV64, &uc));
    // The model without floating point, which is illegal on this machine.
    check("model", uc_ctl_set_cpu_model(uc, UC_CPU_RISCV64_SIFIVE_E51));
    check("input", uc_mem_map(uc, INPUT_BASE, INPUT_SIZE, UC_PROT_READ));
    // All of it executes: zeros are no instruction, and where rodata may not execute, only spec-interp says so.
    check("program", uc_mem_map(uc, PROGRAM_BASE, PROGRAM_SIZE, UC_PROT_READ | UC_PROT_EXEC));
    check("ram", uc_mem_map(uc, RAM_BASE, RAM_SIZE, UC_PROT_READ | UC_PROT_WRITE));
    check("output", uc_mem_map(uc, OUTPUT_BASE, OUTPUT_SIZE, UC_PROT_READ | UC_PROT_WRITE));
    check("input", uc_mem_write(uc, INPUT_BASE, &input_size, 8));
    check("input", uc_mem_write(uc, INPUT_BASE + HEADER_SIZE, input, input_size));
    uint64_t pc = load(uc, argv[1]);

    names[0] = UC_RISCV_REG_PC;
    for (int i = 0; i < REGISTERS; i++) names[1 + i] = UC_RISCV_REG_X0 + i;
    for (int i = 0; i <= REGISTERS; i++) places[i] = &record[1 + i];
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    uc_hook hook;
    check("hook", uc_hook_add(uc, &hook, UC_HOOK_CODE, (void *)before, NULL, 1, 0));

    // No instruction has an odd address, so the run ends by itself only at an environment call or an exception.
    while (uc_emu_start(uc, pc, 1, 0, 0) == UC_ERR_OK && at_ecall) {
        uint64_t number, length;
        check("a7", uc_reg_read(uc, UC_RISCV_REG_X17, &number));
        check("a2", uc_reg_read(uc, UC_RISCV_REG_X12, &length));
        check("pc", uc_reg_read(uc, UC_RISCV_REG_PC, &pc));
        if (number == EXIT) return fflush(stdout) ? 2 : 0;
        if (number != WRITE) break;
        check("a0", uc_reg_write(uc, UC_RISCV_REG_X10, &length));
        pc += 4;
        at_ecall = 0;
    }
    emit(uc, 1);
    return fflush(stdout) ? 2 : 0;
}
