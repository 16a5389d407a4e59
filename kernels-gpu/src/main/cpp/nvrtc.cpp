// libnvrtc.so.12 of the software GPU: compiles CUDA C++ with g++ into a shared object, which its driver takes for a cubin.
// The compiler is the command in EVOLUTE_CXX, else g++. Options that begin with -D go to it, -G adds checks of indices
// and alignment, others are for GPUs.
//
// Source: NVRTC user guide.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

extern char** environ;

namespace {

/// cuda_on_cpu.h and what goes with it, put in by the build.
const char* const LANGUAGE[][2] = {
#include "language.inc"
};

struct Program {
  std::string source, name, log, image;
  std::vector<std::pair<std::string, std::string>> headers;
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int execute(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (auto& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 2, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child;
  int status = posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (status != 0) return -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// The word that begins at `at`, and moves there beyond it and the space that follows.
std::string word(const std::string& text, std::size_t& at) {
  std::size_t from = at;
  while (at < text.size() && (std::isalnum((unsigned char)text[at]) || text[at] == '_')) at++;
  std::string found = text.substr(from, at - from);
  while (at < text.size() && std::isspace((unsigned char)text[at])) at++;
  return found;
}

/// The source with one line for each kernel (`__global__ void [__launch_bounds__(..)] NAME`) that makes it callable.
std::string callable(const std::string& source) {
  const std::string mark = "__global__";
  std::string text = "#line 1\n" + source + "\n";
  for (std::size_t i = source.find(mark); i != std::string::npos; i = source.find(mark, i)) {
    word(source, i);
    std::string name = word(source, i) == "void" ? word(source, i) : "";
    if (name == "__launch_bounds__") {
      i = source.find(')', i) + 1;
      word(source, i);
      name = word(source, i);
    }
    if (!name.empty()) text += "SOFTWARE_KERNEL(" + name + ")\n";
  }
  return text;
}

}  // namespace

API int nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 6;
  return 0;
}
API const char* nvrtcGetErrorString(int error) {
  return error == 0 ? "NVRTC_SUCCESS" : error == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR_INTERNAL_ERROR";
}
API int nvrtcCreateProgram(Program** program, const char* source, const char* name, int count,
                           const char* const* headers, const char* const* names) {
  *program = new Program{source, name ? name : "kernels.cu", "", "", {}};
  for (int i = 0; i < count; i++) (*program)->headers.emplace_back(names[i], headers[i]);
  return 0;
}
API int nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return 0;
}
API int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  const char* temporary = std::getenv("TMPDIR");
  std::string folder = std::string(temporary && *temporary ? temporary : P_tmpdir) + "/evolute-kernels-XXXXXX";
  if (!mkdtemp(folder.data())) {
    program->log = "no folder can be made like " + folder;
    return 11;
  }
  std::string at = folder + "/";
  for (auto& file : LANGUAGE) std::ofstream(at + file[0]) << file[1];
  for (auto& [name, text] : program->headers) std::ofstream(at + name) << text;
  std::ofstream(at + program->name) << callable(program->source);
  const char* compiler = std::getenv("EVOLUTE_CXX");
  std::vector<std::string> command = {compiler && *compiler ? compiler : "g++", "-x", "c++", "-std=c++17", "-O2"};
  // Sums are contracted where the source says fma and nowhere else, here as on a GPU under -fmad=false: the same bits.
  for (const char* option :
       {"-ffp-contract=off", "-fno-math-errno", "-fno-strict-aliasing", "-fno-exceptions", "-fno-rtti",
        "-fno-asynchronous-unwind-tables", "-fno-stack-protector", "-fno-threadsafe-statics", "-fPIC", "-shared",
        "-fvisibility=hidden", "-nostartfiles", "-nodefaultlibs", "-w"}) {
    command.push_back(option);
  }
  // Fused multiply-adds in hardware; without, libm's are exact too, and slow.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) command.push_back("-march=x86-64-v3");
  for (int i = 0; i < count; i++) {
    if (std::strncmp(options[i], "-D", 2) == 0) command.push_back(options[i]);
    if (std::strcmp(options[i], "-G") == 0) command.push_back("-fsanitize=bounds,alignment");
  }
  for (const char* option : {"-include", "ptx_on_cpu.h"}) command.push_back(option);
  command.push_back("-I" + folder);
  command.push_back("-o");
  command.push_back(at + "image.so");
  command.push_back(at + program->name);
  command.push_back("-lm");
  command.push_back("-lc");
  int status = execute(command, at + "log");
  program->log = status == -1 ? command[0] + " cannot be started" : read(at + "log");
  program->image = read(at + "image.so");
  for (auto& file : LANGUAGE) unlink((at + file[0]).c_str());
  for (auto& [name, text] : program->headers) unlink((at + name).c_str());
  for (auto& name : {program->name, std::string("image.so"), std::string("log")}) unlink((at + name).c_str());
  rmdir(folder.c_str());
  return status == 0 && !program->image.empty() ? 0 : 6;
}
API int nvrtcGetProgramLogSize(Program* program, std::size_t* bytes) {
  *bytes = program->log.size() + 1;
  return 0;
}
API int nvrtcGetProgramLog(Program* program, char* text) {
  std::memcpy(text, program->log.c_str(), program->log.size() + 1);
  return 0;
}
API int nvrtcGetCUBINSize(Program* program, std::size_t* bytes) {
  *bytes = program->image.size();
  return 0;
}
API int nvrtcGetCUBIN(Program* program, char* bytes) {
  std::memcpy(bytes, program->image.data(), program->image.size());
  return 0;
}
