// Products of f32 matrices whose elements are rounded to TF32; tensor.cuh has it all.
#include "tensor.cuh"

template <template <int, int> class Left, template <int, int> class Right, int EDGE>
DEV void product(const Gemm& g) {
  tensorTile<Tf32, 1, Left<EDGE, 16>, Right<EDGE, 16>>(g);
}

extern "C" __global__ void __launch_bounds__(THREADS) tf32LargeNN(Gemm g) { product<PairsAlongK, PairsAlongRows, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) tf32LargeNT(Gemm g) { product<PairsAlongK, PairsAlongK, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) tf32LargeTN(Gemm g) { product<PairsAlongRows, PairsAlongRows, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) tf32LargeTT(Gemm g) { product<PairsAlongRows, PairsAlongK, 128>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) tf32MediumNN(Gemm g) { product<PairsAlongK, PairsAlongRows, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) tf32MediumNT(Gemm g) { product<PairsAlongK, PairsAlongK, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) tf32MediumTN(Gemm g) { product<PairsAlongRows, PairsAlongRows, 64>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) tf32MediumTT(Gemm g) { product<PairsAlongRows, PairsAlongK, 64>(g); }
