import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Writes the register tiles of the matrix product, one class for each number of rows and vectors,
 * and {@code Tiles}, which picks one: straight-line code that C2 keeps in registers, and that no
 * loop over an array of vectors could replace (C2 puts such an array on the heap).
 *
 * <p>The build runs it: {@code java Tiles.java FOLDER}.
 */
final class Tiles {
  /**
   * Rows of the tallest tile of 1, 2, 3 and 4 vectors: the largest that C2 keeps in 32 registers
   * without spilling, found by trying. Much taller ones make a method that C1 cannot compile (it
   * runs out of virtual registers) and that may then stay slow for good.
   *
   * <p>No tile reads C. Its loads on top passed C2's limit of 18,000 nodes in some starts of a JVM
   * that ran other kernels before: then two of sixteen sums became objects in every step.
   */
  static final int[] ROWS = {0, 12, 10, 6, 5};

  /** Rows and columns of the tiles of dot products, for 16 and for 32 registers. */
  static final int[] DOTS = {3, 5};

  private final String type;
  private final String vector;
  private final int bytes;
  private final StringBuilder out = new StringBuilder();

  private Tiles(String type) {
    this.type = type;
    this.bytes = type.equals("float") ? 4 : 8;
    this.vector = type.equals("float") ? "FloatVector" : "DoubleVector";
  }

  public static void main(String[] args) throws IOException {
    for (String type : new String[] {"float", "double"}) {
      String name = type.equals("float") ? "f32" : "f64";
      Path folder = Path.of(args[0], "dev", "evolute", "kernels", "cpu", name);
      Files.createDirectories(folder);
      for (int nv = 1; nv < ROWS.length; nv++) {
        for (int mr = 1; mr <= ROWS[nv]; mr++) {
          write(folder.resolve("Tile" + mr + "x" + nv + ".java"), new Tiles(type).tile(mr, nv));
        }
      }
      write(folder.resolve("Tiles.java"), new Tiles(type).choice());
      write(folder.resolve("Transpose.java"), new Tiles(type).transpose());
      for (int size : DOTS) {
        write(folder.resolve("Dots" + size + ".java"), new Tiles(type).dots(size));
      }
    }
  }

  /** Leaves a file that would not change alone, so that it is not compiled again. */
  private static void write(Path file, String text) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(text)) {
      Files.writeString(file, text);
    }
  }

  private Tiles line(String format, Object... args) {
    out.append(args.length == 0 ? format : String.format(format, args)).append('\n');
    return this;
  }

  private Tiles header() {
    line("package dev.evolute.kernels.cpu.%s;", bytes == 4 ? "f32" : "f64");
    line("");
    return this;
  }

  private String tile(int mr, int nv) {
    header();
    line("import java.lang.foreign.MemorySegment;");
    line("import java.lang.foreign.ValueLayout;");
    line("import java.nio.ByteOrder;");
    line("import jdk.incubator.vector.%s;", vector);
    line("import jdk.incubator.vector.VectorSpecies;");
    line("");
    line("/** The tile of %d rows by %d vectors; generated, see {@link Tiles}. */", mr, nv);
    line("final class Tile%dx%d {", mr, nv);
    String box = type.equals("float") ? "Float" : "Double";
    line("  private static final VectorSpecies<%s> S = %s.SPECIES_PREFERRED;", box, vector);
    line("  private static final long V = (long) S.length() * %d;", bytes);
    line("  private static final MemorySegment ALL = Memory.ALL;");
    line("  private static final long PLACE = Memory.PLACE;");
    line("  private static final long STEP = Memory.STEP;");
    line("  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;");
    line(
        "  private static final ValueLayout.Of%s E = ValueLayout.JAVA_%s_UNALIGNED;",
        box, type.toUpperCase());
    line("");
    line("  private Tile%dx%d() {}", mr, nv);
    method(mr, nv);
    return line("}").out.toString();
  }

  private void method(int mr, int nv) {
    line("");
    line("  static void run(");
    line("      int kc, long a, long ar, long ak, long b, long bk, long c, long cr) {");
    line("    ar &= STEP;");
    line("    cr &= STEP;");
    line("    long co = c & PLACE;");
    line("    %s zero = %s.zero(S);", vector, vector);
    for (int i = 0; i < mr; i++) {
      for (int j = 0; j < nv; j++) {
        line("    %s c%d_%d = zero;", vector, i, j);
      }
    }
    line("    for (int k = 0; k < kc; k++) {");
    line("      long ao = a & PLACE;");
    line("      long bo = b & PLACE;");
    for (int j = 0; j < nv; j++) {
      line("      %s b%d = %s.fromMemorySegment(S, ALL, bo%s, LE);", vector, j, vector, column(j));
    }
    for (int i = 0; i < mr; i++) {
      line("      %s a%d = %s.broadcast(S, ALL.get(E, ao%s));", vector, i, vector, row(i, "ar"));
      for (int j = 0; j < nv; j++) {
        line("      c%d_%d = a%d.fma(b%d, c%d_%d);", i, j, i, j, i, j);
      }
    }
    line("      a += ak;");
    line("      b += bk;");
    line("    }");
    for (int i = 0; i < mr; i++) {
      for (int j = 0; j < nv; j++) {
        line("    c%d_%d.intoMemorySegment(ALL, co%s%s, LE);", i, j, row(i, "cr"), column(j));
      }
    }
    line("  }");
  }

  private static String row(int i, String step) {
    return i == 0 ? "" : i == 1 ? " + " + step : " + " + i + " * " + step;
  }

  private static String column(int j) {
    return j == 0 ? "" : j == 1 ? " + V" : " + " + j + " * V";
  }

  private String choice() {
    header();
    line("import jdk.incubator.vector.%s;", vector);
    line("");
    line("/**");
    line(" * The register tiles: {@code C [mr x nv vectors] = A B} over kc inner indices, all products");
    line(" * of one element summed in one register in the order of k.");
    line(" * Generated by {@code src/generator/Tiles.java}.");
    line(" */");
    line("final class Tiles {");
    line("  /** Rows of the tallest tile of 1, 2, 3 and 4 vectors. */");
    line("  static final int[] ROWS = {%s};", list(ROWS));
    line("");
    line("  private static final long V = (long) %s.SPECIES_PREFERRED.length() * %d;", vector, bytes);
    line("");
    line("  private Tiles() {}");
    line("");
    line("  /** One number for mr rows by nv vectors. */");
    line("  static int shape(int mr, int nv) {");
    line("    return nv << 4 | mr;");
    line("  }");
    line("");
    line("  /**");
    line("   * One tile; addresses and strides in bytes, in memory that is alive and large enough.");
    line("   *");
    line("   * @param a element (0, 0) of A, ar and ak from one row and from one k to the next");
    line("   * @param b element (0, 0) of B, bk from one k to the next");
    line("   * @param c element (0, 0) of C, written and never read, cr from one row to the next");
    line("   */");
    line("  static void run(");
    line("      int mr, int nv, int kc, long a, long ar, long ak, long b, long bk,");
    line("      long c, long cr) {");
    line("    switch (nv) {");
    for (int nv = 1; nv < ROWS.length; nv++) {
      line("      case %d -> run%d(mr, kc, a, ar, ak, b, bk, c, cr);", nv, nv);
    }
    line("      default -> throw new IllegalArgumentException(mr + \" x \" + nv);");
    line("    }");
    line("  }");
    line("");
    line("  /**");
    line("   * Tiles side by side, of the same rows of A: as {@link #run}, so many times.");
    line("   *");
    line("   * @param bt from one tile to the next in B; in C they stand without gaps");
    line("   */");
    line("  static void row(");
    line("      int mr, int nv, int count, int kc, long a, long ar, long ak,");
    line("      long b, long bk, long bt, long c, long cr) {");
    line("    for (int t = 0; t < count; t++) {");
    line("      run(mr, nv, kc, a, ar, ak, b, bk, c, cr);");
    line("      b += bt;");
    line("      c += nv * V;");
    line("    }");
    line("  }");
    for (int nv = 1; nv < ROWS.length; nv++) {
      line("");
      if (nv == 1) {
        line("  // One for each width, small enough for C2 to inline.");
      }
      line("  private static void run%d(", nv);
      line("      int mr, int kc, long a, long ar, long ak, long b, long bk, long c, long cr) {");
      line("    switch (mr) {");
      for (int mr = 1; mr <= ROWS[nv]; mr++) {
        line("      case %d -> Tile%dx%d.run(kc, a, ar, ak, b, bk, c, cr);", mr, mr, nv);
      }
      line("      default -> throw new IllegalArgumentException(mr + \" x %d\");", nv);
      line("    }");
      line("  }");
    }
    return line("}").out.toString();
  }

  /**
   * A square of as many rows as a vector has lanes, in registers: log2(lanes) times the vectors i
   * and i + lanes / 2 are shuffled like cards.
   */
  private String transpose() {
    int lanes = 64 / bytes;
    String bits = bytes == 4 ? "IntVector" : "LongVector";
    String box = bytes == 4 ? "Integer" : "Long";
    String element = bytes == 4 ? "int" : "long";
    header();
    line("import java.lang.foreign.Arena;");
    line("import java.lang.foreign.MemorySegment;");
    line("import java.nio.ByteOrder;");
    line("import jdk.incubator.vector.%s;", bits);
    line("import jdk.incubator.vector.VectorSpecies;");
    line("");
    line("/**");
    line(" * Transposes a square of %d x %d elements in registers of 512 bits, a quarter of the time", lanes, lanes);
    line(" * of element by element. Generated by {@code src/generator/Tiles.java}.");
    line(" */");
    line("final class Transpose {");
    line("  private static final VectorSpecies<%s> S = %s.SPECIES_512;", box, bits);
    line("  private static final MemorySegment ALL = Memory.ALL;");
    line("  private static final long PLACE = Memory.PLACE;");
    line("  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;");
    line("");
    line("  /** The lower halves of two vectors, lane by lane in turns, and the upper ones. */");
    line("  private static final %s LOW = turns(0);", bits);
    line("");
    line("  private static final %s HIGH = turns(%d);", bits, lanes / 2);
    line("");
    line("  /** Read for rows that are not there. */");
    line("  private static final MemorySegment ZEROS = Arena.ofAuto().allocate(64, 64);");
    line("");
    line("  private static final long ZERO = ZEROS.address();");
    line("");
    line("  private Transpose() {}");
    line("");
    line("  private static %s turns(int from) {", bits);
    line("    %s[] lanes = new %s[%d];", element, element, lanes);
    line("    for (int i = 0; i < %d; i++) {", lanes);
    line("      lanes[i] = from + i / 2 + i %% 2 * %d;", lanes);
    line("    }");
    line("    return %s.fromArray(S, lanes, 0);", bits);
    line("  }");
    line("");
    line("  /**");
    line("   * Addresses and strides in bytes, in memory that is alive and large enough.");
    line("   *");
    line("   * @param rows read, %d elements of each; those that are missing are zeros", lanes);
    line("   * @param cols written, %d elements to each", lanes);
    line("   */");
    line("  static void run(int rows, int cols, long from, long step, long to, long row) {");
    line("    row &= Memory.STEP;");
    line("    to &= PLACE;");
    for (int i = 0; i < lanes; i++) {
      String place = i == 0 ? "from" : String.format("(%d < rows ? from + %d * step : ZERO)", i, i);
      line("    %s r0_%d = %s.fromMemorySegment(S, ALL, %s & PLACE, LE);", bits, i, bits, place);
    }
    int stages = Integer.numberOfTrailingZeros(lanes);
    for (int s = 0; s < stages; s++) {
      for (int i = 0; i < lanes / 2; i++) {
        String pair = String.format("r%d_%d, r%d_%d", s, i, s, i + lanes / 2);
        line("    %s r%d_%d = LOW.selectFrom(%s);", bits, s + 1, 2 * i, pair);
        line("    %s r%d_%d = HIGH.selectFrom(%s);", bits, s + 1, 2 * i + 1, pair);
      }
    }
    for (int i = 0; i < lanes; i++) {
      line("    if (%d < cols) {", i);
      line("      r%d_%d.intoMemorySegment(ALL, to%s, LE);", stages, i, row(i, "row"));
      line("    }");
    }
    line("  }");
    return line("}").out.toString();
  }

  private String dots(int size) {
    header();
    line("import java.lang.foreign.MemorySegment;");
    line("import java.nio.ByteOrder;");
    line("import jdk.incubator.vector.%s;", vector);
    line("import jdk.incubator.vector.VectorSpecies;");
    line("");
    line("/**");
    line(" * The tile of %d x %d dot products: both operands without gaps along k, which the lanes of a", size, size);
    line(" * vector share. Generated by {@code src/generator/Tiles.java}.");
    line(" */");
    line("final class Dots%d {", size);
    String box = type.equals("float") ? "Float" : "Double";
    line("  private static final VectorSpecies<%s> S = %s.SPECIES_PREFERRED;", box, vector);
    line("  private static final long V = (long) S.length() * %d;", bytes);
    line("  private static final MemorySegment ALL = Memory.ALL;");
    line("  private static final long PLACE = Memory.PLACE;");
    line("  private static final long STEP = Memory.STEP;");
    line("  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;");
    line("");
    line("  private Dots%d() {}", size);
    line("");
    line("  /**");
    line("   * Leaves the sums of each dot product lane by lane, {@code [%d x %d]} vectors; addresses and", size, size);
    line("   * strides in bytes, in memory that is alive and large enough.");
    line("   *");
    line("   * @param rows of A that are there, cols of B: for the others the first is taken again");
    line("   * @param steps whole vectors of k");
    line("   */");
    line("  static void run(");
    line("      int rows, int cols, int steps, long a, long ar, long b, long br, long sums) {");
    for (int i = 1; i < size; i++) {
      line("    long a%d = %d < rows ? %s & STEP : 0;", i, i, i == 1 ? "ar" : i + " * ar");
      line("    long b%d = %d < cols ? %s & STEP : 0;", i, i, i == 1 ? "br" : i + " * br");
    }
    line("    %s zero = %s.zero(S);", vector, vector);
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        line("    %s s%d_%d = zero;", vector, i, j);
      }
    }
    line("    for (int k = 0; k < steps; k++) {");
    line("      long ao = a & PLACE;");
    line("      long bo = b & PLACE;");
    for (int j = 0; j < size; j++) {
      String at = j == 0 ? "bo" : "bo + b" + j;
      line("      %s y%d = %s.fromMemorySegment(S, ALL, %s, LE);", vector, j, vector, at);
    }
    for (int i = 0; i < size; i++) {
      String at = i == 0 ? "ao" : "ao + a" + i;
      line("      %s x%d = %s.fromMemorySegment(S, ALL, %s, LE);", vector, i, vector, at);
      for (int j = 0; j < size; j++) {
        line("      s%d_%d = x%d.fma(y%d, s%d_%d);", i, j, i, j, i, j);
      }
    }
    line("      a += V;");
    line("      b += V;");
    line("    }");
    line("    sums &= PLACE;");
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        line("    s%d_%d.intoMemorySegment(ALL, sums%s, LE);", i, j, column(i * size + j));
      }
    }
    line("  }");
    return line("}").out.toString();
  }

  private static String list(int[] rows) {
    return Arrays.stream(rows).mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }
}
