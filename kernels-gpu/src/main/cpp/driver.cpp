// libcuda.so.1 of the software GPU: the calls of the CUDA driver API that Evolute makes, on three devices that are the
// CPU and differ in the order in which they run threads. An image is what nvrtc.cpp makes of a source: a shared object.
// Everything happens at once, in the caller's thread; an error stays with its context until that is destroyed, as on a
// real GPU.
//
// Source: CUDA Driver API reference manual.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "memory.h"
#include "scheduler.h"

#define API extern "C" __attribute__((visibility("default")))

namespace {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;

enum : CUresult {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901,
};

const std::map<CUresult, const char*> NAMES = {
    {SUCCESS, "CUDA_SUCCESS"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE"},
    {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"},
    {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"},
    {CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
    {CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
};

const char* const DEVICES[] = {"Software GPU", "Software GPU, threads in reverse", "Software GPU, threads shuffled"};

struct Context {
  CUdevice device;
  CUresult error = SUCCESS;
};
struct Module {
  void* library;
  int file;
};
struct Function {
  std::string name;
  const software::Kernel* kernel;
  unsigned mostDynamic = 48 * 1024;
};
using Operation = std::function<CUresult()>;
struct Graph {
  std::vector<Operation> operations;
};
struct Stream {
  Graph* capture = nullptr;
  bool invalidated = false;  // something was asked for that no graph can hold
};
struct Event {
  std::chrono::steady_clock::time_point at;
};

std::recursive_mutex one;
bool initialised, idle;
thread_local Context* current;
thread_local Stream* captured;  // the stream that this thread captures
std::string last;  // what cuGetErrorString tells of the last error

CUresult fail(CUresult code, const std::string& why) {
  last = why;
  return code;
}

/// Errors of kernels and of memory stay: the context is of no use any more.
CUresult spoil(CUresult code, const std::string& why) {
  if (current) current->error = code;
  return fail(code, why);
}

CUresult checked() {
  if (!current) return fail(INVALID_CONTEXT, "no context is current in this thread");
  return current->error;
}

/// What waits for the device or changes memory ends this thread's capture.
CUresult outsideOfCapture(const char* call) {
  if (CUresult e = checked()) return e;
  if (!captured) return SUCCESS;
  captured->invalidated = true;
  return fail(CAPTURE_UNSUPPORTED, std::string(call) + " while a stream is being captured");
}

/// Now, or later if the stream is being captured.
CUresult enqueue(Stream* stream, Operation operation) {
  std::lock_guard<std::recursive_mutex> lock(one);
  if (CUresult e = checked()) return e;
  if (stream && stream->capture) {
    stream->capture->operations.push_back(std::move(operation));
    return SUCCESS;
  }
  return operation();
}

CUresult copy(Stream* stream, void* to, const void* from, std::size_t bytes, bool toDevice, bool fromDevice) {
  return enqueue(stream, [=] {
    if ((toDevice && !software::inside(to, bytes)) || (fromDevice && !software::inside(from, bytes))) {
      return spoil(INVALID_VALUE, "a copy of " + std::to_string(bytes) + " bytes leaves its buffer");
    }
    std::memmove(to, from, bytes);
    return (CUresult)SUCCESS;
  });
}

void* memory(CUdeviceptr p) { return reinterpret_cast<void*>(p); }

}  // namespace

/// Tells this driver from NVIDIA's, which has the same name.
API int evolute_software_gpu() { return 1; }

/// Bytes allocated now: what a test of leaks asks.
API unsigned long long evolute_software_gpu_used() { return software::used(); }

/// Whether launches return at once and run nothing, which leaves what a launch costs its caller.
API void evolute_software_gpu_idle(int yes) { idle = yes; }

/// What cublas.cpp asks of a stream: work on a copy of its data, now or each time the graph is launched that is being
/// captured. It gives null, or what went wrong.
API CUresult evolute_software_gpu_enqueue(Stream* stream, const char* (*work)(const void*), const void* data,
                                          std::size_t bytes) {
  if (idle) return SUCCESS;
  std::vector<char> copy(static_cast<const char*>(data), static_cast<const char*>(data) + bytes);
  return enqueue(stream, [=] {
    const char* error = work(copy.data());
    return error ? spoil(LAUNCH_FAILED, error) : (CUresult)SUCCESS;
  });
}
API int evolute_software_gpu_captures(Stream* stream) { return stream && stream->capture; }
API int evolute_software_gpu_has(const void* at, std::size_t bytes) { return software::inside(at, bytes); }

API CUresult cuInit(unsigned) {
  initialised = true;
  return SUCCESS;
}
API CUresult cuDriverGetVersion(int* version) {
  *version = 12060;
  return SUCCESS;
}
API CUresult cuDeviceGetCount(int* count) {
  *count = 3;
  return initialised ? SUCCESS : NOT_INITIALIZED;
}
API CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  if (ordinal < 0 || ordinal > 2) return fail(INVALID_DEVICE, "there are devices 0, 1 and 2");
  *device = ordinal;
  return SUCCESS;
}
API CUresult cuDeviceGetName(char* name, int bytes, CUdevice device) {
  std::snprintf(name, bytes, "%s", DEVICES[device]);
  return SUCCESS;
}
API CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice) {
  *bytes = software::TOTAL;
  return SUCCESS;
}
API CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice) {
  switch (attribute) {
    case 1: *value = 1024; break;                 // threads a block
    case 8: *value = 48 * 1024; break;            // shared memory a block
    case 10: *value = 32; break;                  // warp size
    case 16: *value = 1; break;                   // multiprocessors
    case 75: *value = 8; break;                   // compute capability, major
    case 76: *value = 0; break;                   // and minor
    case 97: *value = 163 * 1024; break;          // shared memory a block on request
    default: *value = 0;
  }
  return SUCCESS;
}
API CUresult cuCtxCreate_v2(Context** context, unsigned, CUdevice device) {
  *context = current = new Context{device};
  return SUCCESS;
}
API CUresult cuCtxDestroy_v2(Context* context) {
  if (current == context) current = nullptr;
  delete context;
  return SUCCESS;
}
API CUresult cuCtxSetCurrent(Context* context) {
  current = context;
  return SUCCESS;
}
API CUresult cuCtxSynchronize() {
  std::lock_guard<std::recursive_mutex> lock(one);
  if (CUresult e = outsideOfCapture("cuCtxSynchronize")) return e;
  std::string damage = software::damage();
  return damage.empty() ? SUCCESS : spoil(ILLEGAL_ADDRESS, damage);
}

API CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  *total = software::TOTAL;
  *free = software::TOTAL - software::used();
  return SUCCESS;
}
API CUresult cuMemAlloc_v2(CUdeviceptr* at, std::size_t bytes) {
  std::lock_guard<std::recursive_mutex> lock(one);
  if (CUresult e = outsideOfCapture("cuMemAlloc")) return e;
  if (bytes == 0) return fail(INVALID_VALUE, "0 bytes asked for");
  void* m = software::allocate(bytes);
  if (!m) return fail(OUT_OF_MEMORY, "no memory for " + std::to_string(bytes) + " bytes");
  *at = reinterpret_cast<CUdeviceptr>(m);
  return SUCCESS;
}
API CUresult cuMemFree_v2(CUdeviceptr at) {
  std::lock_guard<std::recursive_mutex> lock(one);
  if (captured) return outsideOfCapture("cuMemFree");
  if (!at) return SUCCESS;
  std::string damage;
  if (!software::release(memory(at), damage)) return spoil(INVALID_VALUE, "what is freed is no buffer, or no more");
  return damage.empty() ? SUCCESS : spoil(ILLEGAL_ADDRESS, damage);
}
API CUresult cuMemHostAlloc(void** at, std::size_t bytes, unsigned) {
  *at = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  return *at ? SUCCESS : OUT_OF_MEMORY;
}
API CUresult cuMemFreeHost(void* at) {
  std::free(at);
  return SUCCESS;
}
API CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, Stream* stream) {
  return copy(stream, memory(to), from, bytes, true, false);
}
API CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, Stream* stream) {
  return copy(stream, to, memory(from), bytes, false, true);
}
API CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, Stream* stream) {
  return copy(stream, memory(to), memory(from), bytes, true, true);
}
API CUresult cuMemsetD8Async(CUdeviceptr at, unsigned char value, std::size_t bytes, Stream* stream) {
  return enqueue(stream, [=] {
    if (!software::inside(memory(at), bytes)) return spoil(INVALID_VALUE, "a memset leaves its buffer");
    std::memset(memory(at), value, bytes);
    return (CUresult)SUCCESS;
  });
}

API CUresult cuModuleLoadData(Module** module, const void* image) {
  std::lock_guard<std::recursive_mutex> lock(one);
  if (CUresult e = outsideOfCapture("cuModuleLoadData")) return e;
  const auto* elf = static_cast<const unsigned char*>(image);
  if (std::memcmp(elf, "\177ELF", 4) != 0) return fail(INVALID_IMAGE, "the image is not in ELF format");
  unsigned short machine;
  std::memcpy(&machine, elf + 18, sizeof machine);
  if (machine != 62) return fail(INVALID_IMAGE, "the image is not for x86-64");
  // The section table ends the file.
  unsigned long long table;
  unsigned short size, count;
  std::memcpy(&table, elf + 40, sizeof table);
  std::memcpy(&size, elf + 58, sizeof size);
  std::memcpy(&count, elf + 60, sizeof count);
  std::size_t bytes = table + (std::size_t)size * count;
  int file = memfd_create("kernels", 0);
  if (file < 0 || write(file, image, bytes) != (ssize_t)bytes) return fail(INVALID_IMAGE, "no memory for the image");
  // The file stays open: for a name that is used again, dlopen would give the old library.
  std::string path = "/proc/self/fd/" + std::to_string(file);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    close(file);
    return fail(INVALID_IMAGE, dlerror());
  }
  *module = new Module{library, file};
  return SUCCESS;
}
API CUresult cuModuleUnload(Module* module) {
  dlclose(module->library);
  close(module->file);
  delete module;
  return SUCCESS;
}
API CUresult cuModuleGetFunction(Function** function, Module* module, const char* name) {
  auto kernel = reinterpret_cast<const software::Kernel* (*)()>(
      dlsym(module->library, (std::string("software_kernel_") + name).c_str()));
  if (!kernel) return fail(NOT_FOUND, std::string("the image has no kernel ") + name);
  *function = new Function{name, kernel()};  // as long as the process: a handful a module
  return SUCCESS;
}
API CUresult cuFuncSetAttribute(Function* function, int attribute, int value) {
  if (attribute == 8) function->mostDynamic = value;
  return SUCCESS;
}
API CUresult cuLaunchKernel(Function* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                            unsigned dynamicBytes, Stream* stream, void** arguments, void**) {
  if (!f) return fail(INVALID_HANDLE, "no kernel");
  if (idle) return SUCCESS;
  unsigned long long threads = (unsigned long long)bx * by * bz;
  if (!gx || !gy || !gz || gx > 0x7fffffffu || gy > 65535 || gz > 65535 || !threads || threads > 1024 || bz > 64) {
    char text[200];
    std::snprintf(text, sizeof text, "%s: a grid of %u x %u x %u blocks of %u x %u x %u threads is out of range",
                  f->name.c_str(), gx, gy, gz, bx, by, bz);
    return fail(INVALID_VALUE, text);
  }
  if (dynamicBytes > f->mostDynamic) return fail(INVALID_VALUE, f->name + ": too much dynamic shared memory");
  // A launch reads its arguments when it is called, also into a graph.
  std::vector<std::vector<char>> copies;
  for (int i = 0; f->kernel->sizes[i]; i++) {
    const char* a = static_cast<const char*>(arguments[i]);
    copies.emplace_back(a, a + f->kernel->sizes[i]);
  }
  return enqueue(stream, [=]() mutable {
    std::vector<void*> pointers;
    for (auto& c : copies) pointers.push_back(c.data());
    software::Launch launch = {f->name.c_str(), f->kernel, {gx, gy, gz}, {bx, by, bz}, dynamicBytes,
                               pointers.data(), (software::Order)current->device};
    std::string error = software::run(launch, software::explain);
    return error.empty() ? (CUresult)SUCCESS : spoil(LAUNCH_FAILED, error);
  });
}

API CUresult cuStreamCreate(Stream** stream, unsigned) {
  *stream = new Stream;
  return SUCCESS;
}
API CUresult cuStreamDestroy_v2(Stream* stream) {
  delete stream;
  return SUCCESS;
}
API CUresult cuStreamSynchronize(Stream*) { return outsideOfCapture("cuStreamSynchronize"); }
API CUresult cuStreamBeginCapture_v2(Stream* stream, int) {
  if (!stream || stream->capture || captured) return fail(INVALID_VALUE, "this stream cannot be captured");
  stream->capture = new Graph;
  stream->invalidated = false;
  captured = stream;
  return SUCCESS;
}
API CUresult cuStreamEndCapture(Stream* stream, Graph** graph) {
  *graph = stream->capture;
  stream->capture = nullptr;
  captured = nullptr;
  if (*graph && !stream->invalidated) return SUCCESS;
  delete *graph;
  *graph = nullptr;
  return fail(CAPTURE_INVALIDATED, "no capture was begun, or a call in it cannot be captured");
}
API CUresult cuGraphInstantiateWithFlags(Graph** executable, Graph* graph, unsigned long long) {
  *executable = new Graph(*graph);
  return SUCCESS;
}
API CUresult cuGraphLaunch(Graph* executable, Stream* stream) {
  for (auto& operation : executable->operations) {
    if (CUresult e = enqueue(stream, operation)) return e;
  }
  return SUCCESS;
}
API CUresult cuGraphDestroy(Graph* graph) {
  delete graph;
  return SUCCESS;
}
API CUresult cuGraphExecDestroy(Graph* executable) {
  delete executable;
  return SUCCESS;
}
API CUresult cuEventCreate(Event** event, unsigned) {
  *event = new Event;
  return SUCCESS;
}
API CUresult cuEventDestroy_v2(Event* event) {
  delete event;
  return SUCCESS;
}
API CUresult cuEventRecord(Event* event, Stream*) {
  event->at = std::chrono::steady_clock::now();
  return SUCCESS;
}
API CUresult cuEventSynchronize(Event*) { return checked(); }
API CUresult cuEventElapsedTime(float* milliseconds, Event* from, Event* to) {
  *milliseconds = std::chrono::duration<float, std::milli>(to->at - from->at).count();
  return SUCCESS;
}
API CUresult cuGetErrorName(CUresult error, const char** name) {
  auto found = NAMES.find(error);
  *name = found == NAMES.end() ? nullptr : found->second;
  return found == NAMES.end() ? INVALID_VALUE : SUCCESS;
}
API CUresult cuGetErrorString(CUresult error, const char** text) {
  *text = error == SUCCESS ? "no error" : last.c_str();
  return SUCCESS;
}
