// What the kernels' ptx.cuh does in PTX, for the software GPU.
//
//   copies   happen as late as they may, when their thread waits for them; until then the shared bytes are poison. So
//            both what is read too early and what is overwritten too early is noticed.
//   mma      by the documented layouts of fragments: lanes show theirs, and each computes its own elements of D. Products
//            are exact, their sum with D is cut to f32 towards zero, the worst that tensor cores are known to do.
#pragma once
#include "cuda_on_cpu.h"

template <int BYTES>
inline void copyAsync(void* shared, const void* global, int valid, int line = __builtin_LINE()) {
  static_assert(BYTES == 4 || BYTES == 8 || BYTES == 16, "what cp.async can copy");
  software::Thread* t = software_machine->current;
  if ((unsigned long)shared % BYTES || (unsigned long)global % BYTES) {
    software_machine->fault("an asynchronous copy begins at an address that its size does not divide", line);
  }
  if (t->copies == software::MOST_COPIES) software_machine->fault("too many asynchronous copies at once", line);
  t->copy[t->copies++] = {shared, global, BYTES, valid, t->group};
  __builtin_memset(shared, 0xFF, BYTES);
}
inline void commitCopies() { software_machine->current->group++; }
template <int LATE>
inline void awaitCopies() {
  software::Thread* t = software_machine->current;
  int left = 0;
  for (int i = 0; i < t->copies; i++) {
    const software::Copy c = t->copy[i];
    if (c.group >= t->group - LATE) {
      t->copy[left++] = c;
      continue;
    }
    __builtin_memset(c.to, 0, c.bytes);
    __builtin_memcpy(c.to, c.from, c.valid);
  }
  t->copies = left;
}

inline unsigned toTf32(float x) {
  const unsigned bits = __float_as_uint(x);
  return x - x == 0 ? (bits + 0x1000u) & ~0x1fffu : x == x ? bits : 0x7fffe000u;
}
inline unsigned toBf16(float x, float y) {
  auto one = [](float v) {
    const unsigned bits = __float_as_uint(v);
    return v == v ? (bits + 0x7fffu + (bits >> 16 & 1)) >> 16 : 0x7fffu;
  };
  return one(x) | one(y) << 16;
}

namespace software {

struct Fragments {
  unsigned a[4], b[2];
};

/// The sum cut towards zero: the float nearest to it, or the one before that.
inline float cut(double sum) {
  float f = (float)sum;
  return __builtin_fabs((double)f) > __builtin_fabs(sum) && f - f == 0 ? __uint_as_float(__float_as_uint(f) - 1) : f;
}

/// D += A B; each(a, b, sum) adds the products of a register of A and one of B, k being the same on both sides.
template <class Each>
inline void mma(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], int line, Each each) {
  const Fragments own = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  const unsigned side = show(0xffffffffu, own, line);
  Thread* t = software_machine->current;
  auto of = [&](int lane) { return reinterpret_cast<const Fragments*>(t->warp->value[side][lane]); };
  const int group = t->lane / 4, place = t->lane % 4;
  for (int i = 0; i < 4; i++) {
    // d[i] is element (group + 8 * (i / 2), 2 * place + i % 2): that row of A is with the lanes of this group, that
    // column of B with those of the group of its number.
    double sum = d[i];
    for (int l = 0; l < 4; l++) {
      const Fragments &left = *of(group * 4 + l), &right = *of((2 * place + i % 2) * 4 + l);
      for (int half = 0; half < 2; half++) sum = each(left.a[2 * half + i / 2], right.b[half], sum);
    }
    d[i] = cut(sum);
  }
}

}  // namespace software

inline void mmaTf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], int line = __builtin_LINE()) {
  for (int i = 0; i < 6; i++) {
    if ((i < 4 ? a[i] : b[i - 4]) & 0x1fff) software_machine->fault("an operand of mma is no TF32 number", line);
  }
  software::mma(d, a, b, line, [](unsigned x, unsigned y, double sum) {
    return sum + (double)__uint_as_float(x) * (double)__uint_as_float(y);
  });
}
inline void mmaBf16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], int line = __builtin_LINE()) {
  software::mma(d, a, b, line, [](unsigned x, unsigned y, double sum) {
    sum += (double)__uint_as_float(x << 16) * (double)__uint_as_float(y << 16);
    return sum + (double)__uint_as_float(x & 0xffff0000u) * (double)__uint_as_float(y & 0xffff0000u);
  });
}
