// What C++ asks of its library in a program without exceptions: memory, and what becomes of static objects. Compile it along
// with a program in C++. Static objects are not destroyed: the program's memory ends with it.
#include <stddef.h>
#include <stdint.h>

extern "C" {
void* malloc(size_t size);
void free(void* block);
[[noreturn]] void abort(void);

void* __dso_handle = nullptr;

int __cxa_atexit(void (*)(void*), void*, void*) {
    return 0;
}

[[noreturn]] void __cxa_pure_virtual() {
    abort();
}
}

void* operator new(size_t size) {
    void* block = malloc(size);
    if (block == nullptr) {
        abort();
    }
    return block;
}

void* operator new[](size_t size) {
    return operator new(size);
}

void operator delete(void* block) noexcept {
    free(block);
}

void operator delete[](void* block) noexcept {
    free(block);
}

void operator delete(void* block, size_t) noexcept {
    free(block);
}

void operator delete[](void* block, size_t) noexcept {
    free(block);
}
