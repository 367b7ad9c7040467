# From a machine with all registers zero to the C function `main`, and from its result to the exit.
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
2:  call main
    li a7, 93
    ecall
    .size _start, . - _start
