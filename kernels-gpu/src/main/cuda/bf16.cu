// Products of f32 matrices whose elements are rounded to BF16; tensor.cuh has it all.
#include "tensor.cuh"

template <template <int, int> class Left, template <int, int> class Right, int EDGE>
DEV void product(const Gemm& g) {
  tensorTile<Bf16, 1, Left<EDGE, 16>, Right<EDGE, 16>>(g);
}

extern "C" __global__ void __launch_bounds__(THREADS) bf16LargeNN(Gemm g) { product<PairsAlongK, PairsAlongRows, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) bf16LargeNT(Gemm g) { product<PairsAlongK, PairsAlongK, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) bf16LargeTN(Gemm g) { product<PairsAlongRows, PairsAlongRows, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) bf16LargeTT(Gemm g) { product<PairsAlongRows, PairsAlongK, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16MediumNN(Gemm g) { product<PairsAlongK, PairsAlongRows, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16MediumNT(Gemm g) { product<PairsAlongK, PairsAlongK, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16MediumTN(Gemm g) { product<PairsAlongRows, PairsAlongRows, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) bf16MediumTT(Gemm g) { product<PairsAlongRows, PairsAlongK, 64>(g); }
