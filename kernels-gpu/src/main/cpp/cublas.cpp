// libcublas.so.12 of the software GPU: the calls of cuBLAS that Evolute makes, in plain loops on what the driver of this
// folder has allocated, on its streams, and into its graphs. Column by column, as BLAS has it; sums one after the other
// in the type of the result. Stricter than cuBLAS: a product in a stream that is being captured wants a workspace, which
// cuBLAS would allocate; and every product leaves NaN there, so that memory with another use is noticed.
//
// Source: cuBLAS documentation, sections "cublasGemmEx", "cublasGemmStridedBatchedEx", "cublasSetWorkspace".
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#define API extern "C" __attribute__((visibility("default")))

struct Stream;
extern "C" int evolute_software_gpu_enqueue(Stream*, const char* (*work)(const void*), const void* data,
                                            std::size_t bytes);
extern "C" int evolute_software_gpu_captures(Stream*);
extern "C" int evolute_software_gpu_has(const void* at, std::size_t bytes);

namespace {

using Status = int;
using i64 = long long;

enum : Status {
  SUCCESS = 0,
  NOT_INITIALIZED = 1,
  ALLOC_FAILED = 3,
  INVALID_VALUE = 7,
  EXECUTION_FAILED = 13,
  NOT_SUPPORTED = 15,
};
enum Type { R_32F = 0, R_64F = 1 };
enum Compute {
  F32 = 68,
  F32_PEDANTIC = 69,
  F64 = 70,
  F64_PEDANTIC = 71,
  F32_FAST_BF16 = 75,
  F32_FAST_TF32 = 77,
};

struct Handle {
  Stream* stream = nullptr;
  void* workspace = nullptr;
  std::size_t bytes = 0;
};

struct Operand {
  const void* at;
  bool transposed;
  int ld;
  i64 step;
};

struct Gemm {
  int m, n, k, count, type, bits;  // of an operand's significand
  double alpha, beta;
  Operand a, b, c;
  void* workspace;
  std::size_t workspaceBytes;
};

/// To so many bits, to the nearest.
float rounded(float x, int bits) {
  if (bits >= 24 || !std::isfinite(x)) return x;
  std::uint32_t u, half = 1u << (23 - bits);
  std::memcpy(&u, &x, 4);
  u = (u + half) & ~(2 * half - 1);
  std::memcpy(&x, &u, 4);
  return x;
}
double rounded(double x, int) { return x; }

template <class T>
void multiply(const Gemm& g) {
  for (int p = 0; p < g.count; p++) {
    const T* a = static_cast<const T*>(g.a.at) + p * g.a.step;
    const T* b = static_cast<const T*>(g.b.at) + p * g.b.step;
    T* c = static_cast<T*>(const_cast<void*>(g.c.at)) + p * g.c.step;
    T alpha = static_cast<T>(g.alpha), beta = static_cast<T>(g.beta);
    for (i64 j = 0; j < g.n; j++) {
      for (i64 i = 0; i < g.m; i++) {
        T sum = 0;
        for (i64 l = 0; l < g.k; l++) {
          T x = a[g.a.transposed ? l + i * g.a.ld : i + l * g.a.ld];
          T y = b[g.b.transposed ? j + l * g.b.ld : l + j * g.b.ld];
          sum += rounded(x, g.bits) * rounded(y, g.bits);
        }
        T& out = c[i + j * g.c.ld];
        out = g.beta == 0 ? alpha * sum : alpha * sum + beta * out;
      }
    }
  }
}

/// Whether the columns of all products lie in one buffer.
bool isThere(const Gemm& g, const Operand& x, i64 rows, i64 cols) {
  i64 element = g.type == R_32F ? 4 : 8;
  i64 last = (g.count - 1) * x.step + (cols - 1) * x.ld + rows;
  return rows == 0 || cols == 0 || evolute_software_gpu_has(x.at, last * element);
}

const char* run(const void* data) {
  const Gemm& g = *static_cast<const Gemm*>(data);
  if (g.m == 0 || g.n == 0) return nullptr;
  if (!isThere(g, g.a, g.a.transposed ? g.k : g.m, g.a.transposed ? g.m : g.k)) return "cuBLAS: A leaves its buffer";
  if (!isThere(g, g.b, g.b.transposed ? g.n : g.k, g.b.transposed ? g.k : g.n)) return "cuBLAS: B leaves its buffer";
  if (!isThere(g, g.c, g.m, g.n)) return "cuBLAS: C leaves its buffer";
  if (g.workspace) {
    if (!evolute_software_gpu_has(g.workspace, g.workspaceBytes)) return "cuBLAS: the workspace is no buffer, or no more";
    std::memset(g.workspace, 0xff, g.workspaceBytes < 4096 ? g.workspaceBytes : 4096);
  }
  g.type == R_32F ? multiply<float>(g) : multiply<double>(g);
  return nullptr;
}

Status begin(Handle* h, int opA, int opB, int m, int n, int k, const void* alpha, const void* a, int aType, int lda,
             i64 aStep, const void* b, int bType, int ldb, i64 bStep, const void* beta, void* c, int cType, int ldc,
             i64 cStep, int count, int compute) {
  if (!h) return NOT_INITIALIZED;
  bool ta = opA != 0, tb = opB != 0;
  auto least = [](int rows) { return rows > 1 ? rows : 1; };
  if (m < 0 || n < 0 || k < 0 || count < 0 || opA < 0 || opA > 2 || opB < 0 || opB > 2 || lda < least(ta ? k : m) ||
      ldb < least(tb ? n : k) || ldc < least(m)) {
    return INVALID_VALUE;
  }
  bool f32 = aType == R_32F && (compute == F32 || compute == F32_PEDANTIC || compute == F32_FAST_BF16 ||
                                compute == F32_FAST_TF32);
  bool f64 = aType == R_64F && (compute == F64 || compute == F64_PEDANTIC);
  if (aType != bType || aType != cType || !(f32 || f64)) return NOT_SUPPORTED;
  if (evolute_software_gpu_captures(h->stream) && !h->workspace) return ALLOC_FAILED;
  Gemm g = {};
  g.m = m, g.n = n, g.k = k, g.count = count, g.type = aType;
  g.bits = compute == F32_FAST_BF16 ? 8 : compute == F32_FAST_TF32 ? 11 : 53;
  g.alpha = f32 ? *static_cast<const float*>(alpha) : *static_cast<const double*>(alpha);
  g.beta = f32 ? *static_cast<const float*>(beta) : *static_cast<const double*>(beta);
  g.a = {a, ta, lda, aStep};
  g.b = {b, tb, ldb, bStep};
  g.c = {c, false, ldc, cStep};
  g.workspace = h->workspace, g.workspaceBytes = h->bytes;
  return evolute_software_gpu_enqueue(h->stream, run, &g, sizeof g) == 0 ? SUCCESS : EXECUTION_FAILED;
}

}  // namespace

API Status cublasCreate_v2(Handle** handle) {
  *handle = new Handle;
  return SUCCESS;
}
API Status cublasDestroy_v2(Handle* handle) {
  delete handle;
  return SUCCESS;
}
API Status cublasGetVersion_v2(Handle*, int* version) {
  *version = 120604;
  return SUCCESS;
}
/// Takes the workspace away, as cuBLAS does.
API Status cublasSetStream_v2(Handle* h, Stream* stream) {
  h->stream = stream;
  h->workspace = nullptr;
  return SUCCESS;
}
API Status cublasSetWorkspace_v2(Handle* h, void* workspace, std::size_t bytes) {
  if (reinterpret_cast<std::uintptr_t>(workspace) % 16 != 0) return INVALID_VALUE;
  h->workspace = workspace;
  h->bytes = bytes;
  return SUCCESS;
}
API Status cublasGemmEx(Handle* h, int opA, int opB, int m, int n, int k, const void* alpha, const void* a, int aType,
                        int lda, const void* b, int bType, int ldb, const void* beta, void* c, int cType, int ldc,
                        int compute, int) {
  return begin(h, opA, opB, m, n, k, alpha, a, aType, lda, 0, b, bType, ldb, 0, beta, c, cType, ldc, 0, 1, compute);
}
API Status cublasGemmStridedBatchedEx(Handle* h, int opA, int opB, int m, int n, int k, const void* alpha,
                                      const void* a, int aType, int lda, i64 aStep, const void* b, int bType, int ldb,
                                      i64 bStep, const void* beta, void* c, int cType, int ldc, i64 cStep, int count,
                                      int compute, int) {
  return begin(h, opA, opB, m, n, k, alpha, a, aType, lda, aStep, b, bType, ldb, bStep, beta, c, cType, ldc, cStep,
               count, compute);
}
