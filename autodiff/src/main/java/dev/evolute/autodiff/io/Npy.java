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
 * NumPy's .npy, one array a file (NumPy Enhancement Proposal 1, versions 1 to 3). float32, float64
 * and integers, those as float64, are read in either byte order and in C or Fortran order; floats
 * are written little-endian in C order.
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

  /** Byte order, kind and width of elements; a boolean is 0 or 1 in a byte. */
  private static final Pattern ELEMENTS =
      Pattern.compile("'([<>|])(f(?=[48])|[iu]|b(?=1))([1248])'");

  /** Up to here every integer is one of float64's. */
  private static final long MOST_INTEGER = 1L << 53;

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private Npy() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, is no array of float32, float64 or integers, or has
   *     an integer that no float64 is equal to
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
    Matcher elements = ELEMENTS.matcher(description);
    if (!elements.matches()) {
      throw new IOException(
          name
              + ": the elements are "
              + (description.equals("[") ? "records" : description)
              + "; float32, float64 and integers can be read, save it with astype(numpy.float64)");
    }
    ByteOrder order =
        elements.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    String kind = elements.group(2);
    int width = Integer.parseInt(elements.group(3));
    DType dtype = kind.equals("f") && width == Float.BYTES ? DType.F32 : DType.F64;
    int count = Sizes.count(name, shape);
    long needed = (long) count * width;
    long there = file.byteSize() - start - length;
    if (needed != there) {
      throw new IOException(
          name
              + ": shape "
              + shape
              + " of "
              + (kind.equals("f") ? dtype : description)
              + " takes "
              + needed
              + " bytes, the file has "
              + there
              + (there < needed ? "; it is truncated" : "; they are too many"));
    }
    MemorySegment from = file.asSlice(start + length, needed);
    double[] values =
        kind.equals("f")
            ? Tensor.decode(from, 0, dtype, order, count)
            : integers(name, from, kind.equals("i"), width, order, count);
    return new Tensor(dtype, shape, fortran ? rowMajor(values, shape) : values);
  }

  private static double[] integers(
      String name, MemorySegment from, boolean signed, int width, ByteOrder order, int count)
      throws IOException {
    double[] values = new double[count];
    int unused = Long.SIZE - Byte.SIZE * width;
    for (int i = 0; i < count; i++) {
      long bits = 0;
      for (int b = 0; b < width; b++) {
        int at = order == ByteOrder.BIG_ENDIAN ? b : width - 1 - b;
        bits = bits << Byte.SIZE | from.get(ValueLayout.JAVA_BYTE, (long) i * width + at) & 0xff;
      }
      long value = signed ? bits << unused >> unused : bits;
      values[i] = value;
      if (value > MOST_INTEGER || value < (signed ? -MOST_INTEGER : 0)) {
        throw new IOException(
            name
                + ": element "
                + i
                + " (counted from 0) is "
                + (signed ? Long.toString(value) : Long.toUnsignedString(value))
                + ", which float64 does not have exactly; integers up to 2^53 can be read");
      }
    }
    return values;
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
