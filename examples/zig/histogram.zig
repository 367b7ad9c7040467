//! Input: any bytes. Output: how often each byte occurs, 256 numbers of 8 bytes, little endian.

extern fn read_input(buf: *[*]const u8, size: *usize) void;
extern fn write_output(output: [*]const u8, size: usize) void;

var counts: [256]u64 = @splat(0);

export fn main() c_int {
    var start: [*]const u8 = undefined;
    var size: usize = undefined;
    read_input(&start, &size);
    for (start[0..size]) |byte| counts[byte] += 1;
    write_output(@ptrCast(&counts), @sizeOf(@TypeOf(counts)));
    return 0;
}
