package dev.evolute.spark;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.LabelledRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * Labelled images of Parquet files, a row each, from any file system that Hadoop knows: {@code
 * parquet:PATH} of a file, or of a folder, whose files are read in the order of their names. The
 * column {@code label} is an integer; {@code image} is a list of numbers, or bytes, all of one
 * length, and numbers are taken as they stand.
 */
final class ParquetImages {
  private static final String IMAGE = "image";
  private static final String LABEL = "label";

  private final String name;
  private final Configuration conf;
  private double[] x;
  private double[] labels;
  private int features;
  private int row;

  private ParquetImages(String name, Configuration conf) {
    this.name = name;
    this.conf = conf;
  }

  /**
   * Reads all of them.
   *
   * @throws UserException where there are none, or they are not such
   */
  static Images open(String name, Configuration conf) {
    return new ParquetImages(name, conf).open();
  }

  private Images open() {
    try {
      Path root = new Path(name.substring(Images.PARQUET.length()));
      List<Path> files = files(root);
      long rows = 0;
      for (Path file : files) {
        rows += rows(file);
      }
      if (rows < 1 || rows > Integer.MAX_VALUE) {
        throw failure("there are %d rows in it; 1 to %d can be read", rows, Integer.MAX_VALUE);
      }
      labels = new double[(int) rows];
      for (Path file : files) {
        read(file);
      }
    } catch (UserException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The library says of a damaged file no more than that.
      throw new UserException(
          "--data %s: it cannot be read (%s); give a Parquet file, or a folder of them"
              .formatted(name, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    return LabelledRows.images(name, name, x, features, name, labels);
  }

  private List<Path> files(Path root) throws IOException {
    FileSystem system = root.getFileSystem(conf);
    if (!system.exists(root)) {
      throw failure("there is no file or folder %s", root);
    }
    List<Path> files = new ArrayList<>();
    for (FileStatus status : system.listStatus(root)) {
      String file = status.getPath().getName();
      // What Spark leaves beside its results begins so.
      if (status.isFile() && !file.startsWith("_") && !file.startsWith(".")) {
        files.add(status.getPath());
      }
    }
    if (files.isEmpty()) {
      throw failure("there is no file in %s", root);
    }
    files.sort(Comparator.comparing(Path::getName));
    return files;
  }

  /** Counts the rows of a file whose columns are those. */
  private long rows(Path file) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, conf))) {
      GroupType schema = reader.getFileMetaData().getSchema();
      if (!schema.containsField(IMAGE) || !schema.containsField(LABEL)) {
        throw failure(
            "%s has the columns %s; image (a list of numbers, or bytes) and label (an integer) are"
                + " needed",
            file.getName(), schema.getFields().stream().map(Type::getName).toList());
      }
      Type label = schema.getType(LABEL);
      if (!label.isPrimitive() || number(label) == null) {
        throw failure("%s: the column label is %s; an integer is needed", file.getName(), label);
      }
      return reader.getRecordCount();
    }
  }

  private void read(Path file) throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), file).withConf(conf).build()) {
      for (Group next = reader.read(); next != null; next = reader.read()) {
        if (next.getFieldRepetitionCount(IMAGE) != 1 || next.getFieldRepetitionCount(LABEL) != 1) {
          throw failure("row %d (counted from 0) has no image or no label", row);
        }
        labels[row] = number(next.getType().getType(LABEL)).of(next, LABEL, 0);
        add(pixels(next));
        row++;
      }
    }
  }

  private void add(double[] pixels) {
    if (x == null) {
      features = pixels.length;
      x = new double[Math.multiplyExact(features, labels.length)];
    }
    if (pixels.length != features) {
      throw failure(
          "the image of row %d (counted from 0) has %d numbers, and that of row 0 %d; all need the"
              + " same",
          row, pixels.length, features);
    }
    System.arraycopy(pixels, 0, x, row * features, features);
  }

  private double[] pixels(Group of) {
    Type type = of.getType().getType(IMAGE);
    if (type.isPrimitive()) {
      PrimitiveTypeName kind = type.asPrimitiveType().getPrimitiveTypeName();
      if (kind != PrimitiveTypeName.BINARY && kind != PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY) {
        throw failure("the column image is %s; a list of numbers, or bytes, is needed", type);
      }
      Binary bytes = of.getBinary(IMAGE, 0);
      double[] pixels = new double[bytes.length()];
      byte[] values = bytes.getBytes();
      Arrays.setAll(pixels, i -> values[i] & 0xff);
      return pixels;
    }
    Group list = of.getGroup(IMAGE, 0);
    double[] pixels = new double[list.getFieldRepetitionCount(0)];
    Type element = list.getType().getType(0);
    for (int i = 0; i < pixels.length; i++) {
      // By the present rules an element is a group of one field; older writers have it bare.
      Group holder = element.isPrimitive() ? list : list.getGroup(0, i);
      Type value = holder.getType().getType(0);
      NumberReader number = value.isPrimitive() ? number(value) : null;
      if (number == null) {
        throw failure("the column image is a list of %s; one of numbers is needed", value);
      }
      int at = element.isPrimitive() ? i : 0;
      if (holder.getFieldRepetitionCount(0) <= at) {
        throw failure("number %d of row %d (both counted from 0) is missing", i, row);
      }
      pixels[i] = number.of(holder, value.getName(), at);
    }
    return pixels;
  }

  /** How a number is read; null where it is none. */
  private static NumberReader number(Type type) {
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> Group::getInteger;
      case INT64 -> Group::getLong;
      case FLOAT -> Group::getFloat;
      case DOUBLE -> Group::getDouble;
      default -> null;
    };
  }

  private interface NumberReader {
    double of(Group group, String field, int index);
  }

  private UserException failure(String form, Object... values) {
    return new UserException("--data %s: %s".formatted(name, form.formatted(values)));
  }
}
