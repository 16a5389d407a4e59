package dev.evolute.app.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/** Standard error as the C library sees it. */
@SuppressWarnings("restricted")
final class StandardError {
  private static final int FD = 2;
  private static final String SAVED = "evolute.stderr";
  private static final int DEFAULT_COLUMNS = 80;

  private StandardError() {}

  /**
   * Gives standard error back to the process. The launcher starts the JVM with standard error going
   * through a filter that drops the incubator notice, and the real one waiting as another
   * descriptor.
   */
  static void restore() {
    Integer saved = Integer.getInteger(SAVED);
    if (saved == null) {
      return;
    }
    try {
      FunctionDescriptor two =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      FunctionDescriptor one = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      int done = (int) function("dup2", two).invokeExact((int) saved, FD);
      int closed = (int) function("close", one).invokeExact((int) saved);
      if (done != FD || closed != 0) {
        System.err.println("evolute: standard error stays behind the launcher's filter");
      }
    } catch (Throwable e) {
      // The filter passes everything but one line on, so going without costs nothing.
      if (Main.debug()) {
        e.printStackTrace();
      }
    }
  }

  /** Whether lines can be redrawn and a person is likely to look. */
  static boolean isTerminal() {
    if (System.getenv().getOrDefault("TERM", "dumb").equals("dumb")) {
      return false;
    }
    try {
      FunctionDescriptor one = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      return (int) function("isatty", one).invokeExact(FD) == 1;
    } catch (Throwable noSuchFunction) {
      return false;
    }
  }

  /** Width of the terminal in characters; asked anew each time, for windows are resized. */
  static int columns() {
    // struct winsize: rows, columns and two more, each an unsigned short.
    Long request =
        Map.of("Linux", 0x5413L, "Mac OS X", 0x40087468L).get(System.getProperty("os.name"));
    if (request == null) {
      return DEFAULT_COLUMNS;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
      int failed = (int) Ioctl.HANDLE.invokeExact(FD, (long) request, size);
      int columns = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 1));
      return failed != 0 || columns == 0 ? DEFAULT_COLUMNS : columns;
    } catch (Throwable noSuchFunction) {
      return DEFAULT_COLUMNS;
    }
  }

  private static MethodHandle function(
      String name, FunctionDescriptor type, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup library = linker.defaultLookup();
    return linker.downcallHandle(library.findOrThrow(name), type, options);
  }

  /** Linked on first use, and then used for every redraw. */
  private static final class Ioctl {
    static final MethodHandle HANDLE =
        function(
            "ioctl",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));
  }
}
