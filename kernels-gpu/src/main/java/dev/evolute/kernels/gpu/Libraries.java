package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DeviceUnavailableException;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds NVIDIA's libraries: by the system's loader first, then in the folders where toolkits and
 * Python wheels keep them. A library that is loaded by its path serves all that ask for its name
 * later, JCuda's natives among them.
 */
@SuppressWarnings("restricted")
final class Libraries {
  /** Where to look first: folders, separated as in a class path. */
  static final String PROPERTY = "evolute.cuda.libraries";

  /** A library in the process, and the major version of CUDA it belongs to. */
  record Found(String name, String where, int major) {}

  private Libraries() {}

  /**
   * Loads a library of CUDA 12 or 13.
   *
   * @param base such as {@code libnvrtc.so}
   * @param without what cannot be because of it, such as {@code no CUDA device}
   */
  static Found load(String base, String without) {
    List<Path> folders = folders();
    for (int major : new int[] {12, 13}) {
      String name = base + "." + major;
      for (Path folder : folders) {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file) && loaded(file.toString(), companions(folder, base))) {
          return new Found(name, file.toString(), major);
        }
      }
      if (loaded(name, List.of())) {
        return new Found(name, "the system's loader", major);
      }
    }
    throw new DeviceUnavailableException(
        without
            + ": the driver is there but "
            + base
            + ".12 or .13 was found neither by the system's loader nor in "
            + (folders.isEmpty() ? "any folder of a toolkit" : folders)
            + "; install CUDA's user libraries, or name their folder by -D"
            + PROPERTY);
  }

  private static boolean loaded(String library, List<Path> first) {
    try {
      for (Path file : first) {
        SymbolLookup.libraryLookup(file, Arena.global());
      }
      SymbolLookup.libraryLookup(library, Arena.global());
      return true;
    } catch (IllegalArgumentException notThere) {
      return false;
    }
  }

  /** What a library opens by name only when it is used, too late to be searched for. */
  private static List<Path> companions(Path folder, String base) {
    return base.equals("libnvrtc.so") ? matching(folder, "libnvrtc-builtins.so.*") : List.of();
  }

  private static List<Path> folders() {
    List<Path> folders = new ArrayList<>();
    for (String chosen : System.getProperty(PROPERTY, "").split(File.pathSeparator)) {
      add(folders, chosen);
    }
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = System.getenv(variable);
      add(folders, home == null ? "" : home + "/lib64");
    }
    for (Path toolkit : matching(Path.of("/usr/local"), "cuda*")) {
      add(folders, toolkit + "/lib64");
    }
    List<Path> pythons = new ArrayList<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      String home = System.getenv(variable);
      pythons.addAll(home == null ? List.of() : matching(Path.of(home, "lib"), "python3*"));
    }
    for (String lib :
        List.of(System.getProperty("user.home") + "/.local/lib", "/usr/local/lib", "/usr/lib")) {
      pythons.addAll(matching(Path.of(lib), "python3*"));
    }
    for (Path python : pythons) {
      for (String packages : List.of("site-packages", "dist-packages")) {
        for (String wheel : List.of("cuda_nvrtc", "cublas", "cu12", "cu13")) {
          add(folders, python.resolve(packages).resolve("nvidia").resolve(wheel) + "/lib");
        }
      }
    }
    return folders;
  }

  private static void add(List<Path> folders, String folder) {
    if (!folder.isEmpty() && Files.isDirectory(Path.of(folder))) {
      folders.add(Path.of(folder));
    }
  }

  private static List<Path> matching(Path folder, String pattern) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
      files.forEach(found::add);
    } catch (IOException none) {
      return List.of();
    }
    found.sort(null);
    return found;
  }
}
