// All inline PTX: asynchronous copies and tensor-core products, each in a function that says what it does. The software
// GPU has its own functions of the same names (ptx_on_cpu.h), written from the documented layouts.
//
// Source: PTX ISA 8.5, "cp.async", "mma.sync" with "Matrix Fragments for mma.m16n8k8" and "for mma.m16n8k16", "cvt".
#pragma once
#include "evolute.cuh"

#ifdef __CUDACC__

/// Begins to copy BYTES (4, 8 or 16, of which both addresses are multiples) from global to shared memory: the first
/// `valid` of them, and zeros for the others, which are not read.
template <int BYTES>
DEV void copyAsync(void* shared, const void* global, int valid) {
#if __CUDA_ARCH__ >= 800
  const u32 to = (u32)__cvta_generic_to_shared(shared);
  if (BYTES == 16) {
    // Past the first-level cache: what a block brings, it brings once.
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(valid) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(global), "n"(BYTES), "r"(valid) : "memory");
  }
#else
  // Older devices copy at once.
  for (int i = 0; i < BYTES / 4; i++) ((u32*)shared)[i] = 4 * i < valid ? ((const u32*)global)[i] : 0u;
#endif
}

/// Ends this thread's group of copies; it may be empty.
DEV void commitCopies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits for all groups of this thread but the last LATE ones. Other threads see their copies after a barrier.
template <int LATE>
DEV void awaitCopies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(LATE) : "memory");
#endif
}

/// The nearest TF32 number, 11 significant bits, ties away from zero.
DEV u32 toTf32(float x) {
  u32 y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}

/// The nearest BF16 numbers, 8 significant bits, ties to even: x in the lower half.
DEV u32 toBf16(float x, float y) {
  u32 both;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(y), "f"(x));
  return both;
}

// D += A B by the lanes of a warp, sums in f32. With g = lane / 4 and t = lane % 4, a lane holds in
//
//        a TF32 [16 x 8]    b TF32 [8 x 8]   a BF16 [16 x 16], two       b BF16 [16 x 8], two   d [16 x 8]
//   0    (g, t)             (t, g)           (g, 2t) (g, 2t+1)           (2t, g) (2t+1, g)      (g, 2t)
//   1    (g+8, t)           (t+4, g)         (g+8, 2t) (g+8, 2t+1)       (2t+8, g) (2t+9, g)    (g, 2t+1)
//   2    (g, t+4)                            (g, 2t+8) (g, 2t+9)                                (g+8, 2t)
//   3    (g+8, t+4)                          (g+8, 2t+8) (g+8, 2t+9)                            (g+8, 2t+1)

DEV void mmaTf32(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

DEV void mmaBf16(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#endif
