// What C++ asks of its library in a program without exceptions: memory, and what becomes of static objects. Compile it along
// with a program in C++. Static objects are not destroyed: the program's memory ends with it.
#include <stddef.h>
#include <stdint.h>

extern "C" {
void* malloc(size_t size);
void* aligned_alloc(size_t alignment, size_t size);
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

namespace std {
enum class align_val_t : size_t {};

struct nothrow_t {
    explicit nothrow_t() = default;
};
extern const nothrow_t nothrow;
const nothrow_t nothrow{};

// What the headers of LLVM's library call where they would throw.
inline namespace __1 {
[[noreturn]] __attribute__((used)) void __libcpp_verbose_abort(const char*, ...) noexcept {
    abort();
}
}  // namespace __1
}  // namespace std

static void* there(void* block) {
    if (block == nullptr) {
        abort();
    }
    return block;
}

void* operator new(size_t size) {
    return there(malloc(size));
}

void* operator new[](size_t size) {
    return there(malloc(size));
}

void* operator new(size_t size, const std::nothrow_t&) noexcept {
    return malloc(size);
}

void* operator new[](size_t size, const std::nothrow_t&) noexcept {
    return malloc(size);
}

void* operator new(size_t size, std::align_val_t alignment) {
    return there(aligned_alloc(static_cast<size_t>(alignment), size));
}

void* operator new[](size_t size, std::align_val_t alignment) {
    return there(aligned_alloc(static_cast<size_t>(alignment), size));
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

void operator delete(void* block, const std::nothrow_t&) noexcept {
    free(block);
}

void operator delete[](void* block, const std::nothrow_t&) noexcept {
    free(block);
}

void operator delete(void* block, std::align_val_t) noexcept {
    free(block);
}

void operator delete[](void* block, std::align_val_t) noexcept {
    free(block);
}

void operator delete(void* block, size_t, std::align_val_t) noexcept {
    free(block);
}

void operator delete[](void* block, size_t, std::align_val_t) noexcept {
    free(block);
}
