# From a machine with all registers zero to the C function `main`, which is called without arguments, and from its result
# to the exit: that of a C library, if `finish` in c/stdio.c is there to call it.
#
# tp points to the variables of the one thread, where the linker put them. bss needs nothing: memory that no segment
# fills is zero. gp is loaded without relaxation, which would make the instruction load gp from itself.
    .section .text._start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack_top
    la tp, __tls_base
    la s0, __init_array_start
    la s1, __init_array_end
1:  beq s0, s1, 2f
    ld t0, 0(s0)
    jalr t0
    addi s0, s0, 8
    j 1b
2:  li a0, 0
    li a1, 0
    li a2, 0
    call main
    la t0, 4f
    ld t0, 0(t0)
    beqz t0, 3f
    jalr t0
3:  li a7, 93
    ecall
    .size _start, . - _start

    .weak __zkvm_finish
    .section .rodata._start, "a", @progbits
    .balign 8
4:  .dword __zkvm_finish
