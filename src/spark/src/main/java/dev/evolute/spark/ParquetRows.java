package dev.evolute.spark;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntUnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The rows of some Parquet files, counted from 0 over all of them, for whatever process needs some:
 * groups of rows without any that is wanted are not read.
 */
final class ParquetRows implements Serializable {
  private static final long serialVersionUID = 1;

  private static final String IMAGE = "image";
  private static final String LABEL = "label";

  private final String name;
  private final ArrayList<String> files;

  /** The first row of each file, and behind them the number of all rows. */
  private final int[] firsts;

  private final SerializableConfiguration conf;

  private ParquetRows(
      String name, ArrayList<String> files, int[] firsts, SerializableConfiguration conf) {
    this.name = name;
    this.files = files;
    this.firsts = firsts;
    this.conf = conf;
  }

  /** What is done with a label, or with the numbers of an image. */
  interface Sink<T> {
    void take(int row, T value);
  }

  /** Counts the rows, and checks the columns. */
  static ParquetRows of(String name, List<Path> paths, Configuration conf) throws IOException {
    ArrayList<String> files = new ArrayList<>();
    int[] firsts = new int[paths.size() + 1];
    long rows = 0;
    for (Path path : paths) {
      try (ParquetFileReader reader =
          ParquetFileReader.open(HadoopInputFile.fromPath(path, conf))) {
        requireColumns(name, path, reader.getFileMetaData().getSchema());
        rows += reader.getRecordCount();
      }
      if (rows > Integer.MAX_VALUE) {
        throw failure(name, "there are more than %d rows in it", Integer.MAX_VALUE);
      }
      files.add(path.toString());
      firsts[files.size()] = (int) rows;
    }
    if (rows < 1) {
      throw failure(name, "there are no rows in it");
    }
    return new ParquetRows(name, files, firsts, new SerializableConfiguration(conf));
  }

  private static void requireColumns(String name, Path file, GroupType schema) {
    if (!schema.containsField(IMAGE) || !schema.containsField(LABEL)) {
      throw failure(
          name,
          "%s has the columns %s; image (a list of numbers, or bytes) and label (an integer) are"
              + " needed",
          file.getName(),
          schema.getFields().stream().map(Type::getName).toList());
    }
    Type label = schema.getType(LABEL);
    if (!label.isPrimitive() || number(label) == null) {
      throw failure(
          name, "%s: the column label is %s; an integer is needed", file.getName(), label);
    }
  }

  /** As it was typed. */
  String name() {
    return name;
  }

  /** Number of rows. */
  int count() {
    return firsts[files.size()];
  }

  /** Reads all labels, and no image. */
  void labels(Sink<Double> sink) throws IOException {
    read(i -> i, count(), true, (row, group) -> sink.take(row, label(group, row)));
  }

  /** Numbers of the first image. */
  int features() throws IOException {
    int[] features = new int[1];
    read(i -> i, 1, false, (row, group) -> features[0] = pixels(group, row).length);
    return features[0];
  }

  /**
   * Reads some images with their labels.
   *
   * @param rows their numbers, ascending
   * @param label receives the label of each
   * @param image receives the numbers of each
   */
  void read(int[] rows, Sink<Double> label, Sink<double[]> image) {
    told(
        name,
        () -> {
          read(
              i -> rows[i],
              rows.length,
              false,
              (row, group) -> {
                label.take(row, label(group, row));
                image.take(row, pixels(group, row));
              });
          return null;
        });
  }

  /**
   * Reads rows in their order.
   *
   * @param wanted the number of each, ascending
   */
  private void read(IntUnaryOperator wanted, int count, boolean labelsAlone, Sink<Group> sink)
      throws IOException {
    int next = 0;
    for (int file = 0; file < files.size() && next < count; file++) {
      if (row(wanted, next, count) < firsts[file + 1]) {
        next = read(file, wanted, next, count, labelsAlone, sink);
      }
    }
  }

  private static int row(IntUnaryOperator wanted, int next, int count) {
    return next == count ? Integer.MAX_VALUE : wanted.applyAsInt(next);
  }

  private int read(
      int file, IntUnaryOperator wanted, int next, int count, boolean labelsAlone, Sink<Group> sink)
      throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(files.get(file)), conf.value()))) {
      MessageType all = reader.getFileMetaData().getSchema();
      MessageType schema =
          labelsAlone
              ? new MessageType(all.getName(), all.getType(LABEL))
              : new MessageType(all.getName(), all.getType(LABEL), all.getType(IMAGE));
      reader.setRequestedSchema(schema);
      MessageColumnIO columns =
          new ColumnIOFactory(reader.getFileMetaData().getCreatedBy()).getColumnIO(schema, all);
      int first = firsts[file];
      int groups = reader.getRowGroups().size();
      for (int group = 0; group < groups; group++) {
        int end = first + Math.toIntExact(reader.getRowGroups().get(group).getRowCount());
        if (row(wanted, next, count) >= end) {
          reader.skipNextRowGroup();
          first = end;
          continue;
        }
        PageReadStore pages = reader.readNextRowGroup();
        RecordReader<Group> records =
            columns.getRecordReader(pages, new GroupRecordConverter(schema));
        for (; first < end; first++) {
          Group record = records.read();
          if (row(wanted, next, count) == first) {
            sink.take(first, record);
            next++;
          }
        }
      }
    }
    return next;
  }

  // What a row holds

  private double label(Group row, int number) {
    if (row.getFieldRepetitionCount(LABEL) != 1) {
      throw failure("row %d (counted from 0) has no label", number);
    }
    return number(row.getType().getType(LABEL)).of(row, LABEL, 0);
  }

  private double[] pixels(Group row, int number) {
    if (row.getFieldRepetitionCount(IMAGE) != 1) {
      throw failure("row %d (counted from 0) has no image", number);
    }
    Type type = row.getType().getType(IMAGE);
    if (type.isPrimitive()) {
      PrimitiveTypeName kind = type.asPrimitiveType().getPrimitiveTypeName();
      if (kind != PrimitiveTypeName.BINARY && kind != PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY) {
        throw failure("the column image is %s; a list of numbers, or bytes, is needed", type);
      }
      Binary bytes = row.getBinary(IMAGE, 0);
      double[] pixels = new double[bytes.length()];
      byte[] values = bytes.getBytes();
      Arrays.setAll(pixels, i -> values[i] & 0xff);
      return pixels;
    }
    Group list = row.getGroup(IMAGE, 0);
    double[] pixels = new double[list.getFieldRepetitionCount(0)];
    Type element = list.getType().getType(0);
    for (int i = 0; i < pixels.length; i++) {
      // By the present rules an element is a group of one field; older writers have it bare.
      Group holder = element.isPrimitive() ? list : list.getGroup(0, i);
      Type value = holder.getType().getType(0);
      NumberReader reader = value.isPrimitive() ? number(value) : null;
      if (reader == null) {
        throw failure("the column image is a list of %s; one of numbers is needed", value);
      }
      int at = element.isPrimitive() ? i : 0;
      if (holder.getFieldRepetitionCount(0) <= at) {
        throw failure("number %d of row %d (both counted from 0) is missing", i, number);
      }
      pixels[i] = reader.of(holder, value.getName(), at);
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

  // What goes wrong

  /** Runs what reads files. */
  static <T> T told(String name, Callable<T> work) {
    try {
      return work.call();
    } catch (UserException e) {
      throw e;
    } catch (Exception e) {
      // The library says of a damaged file no more than that.
      throw new UserException(
          "--data %s: it cannot be read (%s); give a Parquet file, or a folder of them"
              .formatted(name, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  UserException failure(String form, Object... values) {
    return failure(name, form, values);
  }

  static UserException failure(String name, String form, Object... values) {
    return new UserException("--data %s: %s".formatted(name, form.formatted(values)));
  }
}
