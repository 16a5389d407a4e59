package dev.evolute.autodiff.io;

import dev.evolute.kernels.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NumPy's .npy, one array a file (NumPy Enhancement Proposal 1, versions 1 to 3). float32 and
 * float64 are read in either byte order and in C or Fortran order; written little-endian in C
 * order.
 *
 * <pre>
 *   \x93NUMPY, major, minor, length of the header (2 bytes, from version 2 on 4), header, elements
 *   header  {'descr': '&lt;f8', 'fortran_order': False, 'shape': (3, 4), }, spaces, newline
 * </pre>
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** Elements begin at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private static final Pattern DESCRIPTION = Pattern.compile("'descr'\\s*:\\s*('[^']*'|\\[)");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile("'shape'\\s*:\\s*\\((\\s*|\\s*\\d+\\s*(?:,\\s*\\d+\\s*)*,?\\s*)\\)");
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private Npy() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or is no array of float32 or float64
   */
  public static Tensor read(Path path) throws IOException {
    return WholeFile.read(path, file -> read(path.toString(), file));
  }

  /** Writes a file, whole or not at all. */
  public static void write(Path path, Tensor tensor) throws IOException {
    WholeFile.write(path, out -> write(tensor, out));
  }

  static Tensor read(String name, MemorySegment file) throws IOException {
    if (file.byteSize() < 10 || file.asSlice(0, 6).mismatch(MemorySegment.ofArray(MAGIC)) != -1) {
      throw new IOException(name + ": this is no .npy file; it does not begin with \\x93NUMPY");
    }
    int version = file.get(ValueLayout.JAVA_BYTE, 6);
    if (version < 1 || version > 3) {
      throw new IOException(name + ": version " + version + " of .npy; 1 to 3 can be read");
    }
    int start = version == 1 ? 10 : 12;
    long length =
        version == 1
            ? Short.toUnsignedLong(file.get(little(ValueLayout.JAVA_SHORT_UNALIGNED), 8))
            : file.byteSize() < start
                ? Long.MAX_VALUE
                : Integer.toUnsignedLong(file.get(little(ValueLayout.JAVA_INT_UNALIGNED), 8));
    if (length > file.byteSize() - start) {
      throw new IOException(name + ": the file ends within its header; it is truncated");
    }
    byte[] bytes = file.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE);
    String header = new String(bytes, StandardCharsets.UTF_8).strip();
    String description = find(name, DESCRIPTION, header);
    boolean fortran = find(name, ORDER, header).equals("True");
    List<Integer> shape = shape(name, find(name, SHAPE, header));
    DType dtype =
        switch (description) {
          case "'<f4'", "'>f4'" -> DType.F32;
          case "'<f8'", "'>f8'" -> DType.F64;
          default ->
              throw new IOException(
                  name
                      + ": the elements are "
                      + (description.equals("[") ? "records" : description)
                      + "; float32 and float64 can be read, save it with astype(numpy.float64)");
        };
    ByteOrder order = description.charAt(1) == '<' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    int count = Sizes.count(name, shape);
    long needed = (long) count * dtype.bytes();
    long there = file.byteSize() - start - length;
    if (needed != there) {
      throw new IOException(
          name
              + ": shape "
              + shape
              + " of "
              + dtype
              + " takes "
              + needed
              + " bytes, the file has "
              + there
              + (there < needed ? "; it is truncated" : "; they are too many"));
    }
    double[] values = Tensor.decode(file, start + length, dtype, order, count);
    return new Tensor(dtype, shape, fortran ? rowMajor(values, shape) : values);
  }

  private static ValueLayout.OfShort little(ValueLayout.OfShort layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  private static ValueLayout.OfInt little(ValueLayout.OfInt layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  private static String find(String name, Pattern pattern, String header) throws IOException {
    Matcher matcher = pattern.matcher(header);
    if (!header.startsWith("{") || !header.endsWith("}") || !matcher.find()) {
      throw new IOException(name + ": the header is not one of .npy: " + header);
    }
    return matcher.group(1);
  }

  private static List<Integer> shape(String name, String text) throws IOException {
    List<Long> shape = new ArrayList<>();
    Matcher numbers = NUMBER.matcher(text);
    while (numbers.find()) {
      String digits = numbers.group();
      shape.add(digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits));
    }
    return Sizes.dimensions(name, shape);
  }

  /** From the first index running fastest to the last. */
  private static double[] rowMajor(double[] columnMajor, List<Integer> shape) {
    double[] values = new double[columnMajor.length];
    int[] index = new int[shape.size()];
    for (int i = 0; i < values.length; i++) {
      int from = 0;
      for (int d = shape.size() - 1; d >= 0; d--) {
        from = from * shape.get(d) + index[d];
      }
      values[i] = columnMajor[from];
      for (int d = shape.size() - 1; d >= 0 && ++index[d] == shape.get(d); d--) {
        index[d] = 0;
      }
    }
    return values;
  }

  static void write(Tensor tensor, OutputStream out) throws IOException {
    List<String> sizes = tensor.shape().stream().map(String::valueOf).toList();
    String shape = String.join(", ", sizes) + (sizes.size() == 1 ? "," : "");
    String header =
        "{'descr': '"
            + (tensor.dtype() == DType.F32 ? "<f4" : "<f8")
            + "', 'fortran_order': False, 'shape': ("
            + shape
            + "), }";
    int unpadded = MAGIC.length + 4 + header.length() + 1;
    int padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
    int length = header.length() + padding + 1;
    if (length >= 1 << 16) {
      throw new IOException("npy: a tensor of " + sizes.size() + " dimensions is too many");
    }
    out.write(MAGIC);
    out.write(new byte[] {1, 0, (byte) length, (byte) (length >> 8)});
    out.write((header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1));
    tensor.encode(out);
  }
}
