// Products of f32 matrices whose elements are sums of two BF16 numbers; tensor.cuh has it all.
#include "tensor.cuh"

template <template <int, int> class Left, template <int, int> class Right, int EDGE>
DEV void product(const Gemm& g) {
  tensorTile<Bf16, 2, Left<EDGE, 16>, Right<EDGE, 16>>(g);
}

extern "C" __global__ void __launch_bounds__(THREADS) bf16x3LargeNN(Gemm g) { product<PairsAlongK, PairsAlongRows, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) bf16x3LargeNT(Gemm g) { product<PairsAlongK, PairsAlongK, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) bf16x3LargeTN(Gemm g) { product<PairsAlongRows, PairsAlongRows, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) bf16x3LargeTT(Gemm g) { product<PairsAlongRows, PairsAlongK, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16x3MediumNN(Gemm g) { product<PairsAlongK, PairsAlongRows, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16x3MediumNT(Gemm g) { product<PairsAlongK, PairsAlongK, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16x3MediumTN(Gemm g) { product<PairsAlongRows, PairsAlongRows, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16x3MediumTT(Gemm g) { product<PairsAlongRows, PairsAlongK, 64>(g); }
