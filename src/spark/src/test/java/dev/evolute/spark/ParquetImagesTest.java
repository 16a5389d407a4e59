package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of Parquet files, which the library of the format itself writes. */
class ParquetImagesTest {
  private static final String LISTS =
      "message m { required int64 label; optional group image (LIST) { repeated group list {"
          + " optional float element; } } }";

  @TempDir Path folder;

  private void write(String file, String schema, int rows, BiConsumer<Group, Integer> fill)
      throws IOException {
    MessageType type = MessageTypeParser.parseMessageType(schema);
    SimpleGroupFactory groups = new SimpleGroupFactory(type);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(folder.resolve(file)))
            .withType(type)
            // Groups of a hundred rows or so.
            .withRowGroupSize(1024L)
            .withMinRowCountForPageSizeCheck(1)
            .withPageSize(128)
            .build()) {
      for (int i = 0; i < rows; i++) {
        Group group = groups.newGroup();
        fill.accept(group, i);
        writer.write(group);
      }
    }
  }

  private static void list(Group row, double label, double... pixels) {
    row.add("label", (long) label);
    Group list = row.addGroup("image");
    for (double pixel : pixels) {
      Group element = list.addGroup("list");
      if (!Double.isNaN(pixel)) {
        element.add("element", (float) pixel);
      }
    }
  }

  private static double[][] all(Images images) {
    Samples samples = images.first(images.count());
    double[] x = new double[samples.count() * samples.inputs()];
    double[] y = new double[samples.count() * samples.targets()];
    for (int i = 0; i < samples.count(); i++) {
      samples.write(i, x, i * samples.inputs(), y, i * samples.targets());
    }
    return new double[][] {x, y};
  }

  private Images open() {
    return ParquetImages.open("parquet:" + folder, new Configuration());
  }

  @Test
  void listsOfAllFilesOfAFolderInTheOrderOfTheirNames() throws IOException {
    write("b.parquet", LISTS, 1, (row, i) -> list(row, 2, 7, 8));
    write("a.parquet", LISTS, 2, (row, i) -> list(row, i, i + 0.25, i - 0.5));
    Files.writeString(folder.resolve("_SUCCESS"), "");
    Images images = open();
    assertEquals(2, images.features());
    assertEquals(3, images.classes());
    double[][] all = all(images);
    assertArrayEquals(new double[] {0.25, -0.5, 1.25, 0.5, 7, 8}, all[0]);
    assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, all[1]);
  }

  @Test
  void bytesAndBareLists() throws IOException {
    write(
        "bytes.parquet",
        "message m { required int32 label; required binary image; }",
        2,
        (row, i) -> {
          row.add("label", i);
          row.add("image", Binary.fromConstantByteArray(new byte[] {i.byteValue(), (byte) 255}));
        });
    assertArrayEquals(new double[] {0, 255, 1, 255}, all(open())[0]);
    Files.delete(folder.resolve("bytes.parquet"));
    write(
        "bare.parquet",
        "message m { required int32 label; optional group image (LIST) { repeated double array; }"
            + " }",
        2,
        (row, i) -> {
          row.add("label", i);
          Group list = row.addGroup("image");
          list.add("array", 0.1 * i);
          list.add("array", 3.0);
        });
    assertArrayEquals(new double[] {0, 3, 0.1, 3}, all(open())[0]);
  }

  /** Rows of several files and of some of their groups, as executors read those of a shard. */
  @Test
  void rowsInAnyOrder() throws Exception {
    write("a.parquet", LISTS, 700, (row, i) -> list(row, i % 5, i, -i));
    write("b.parquet", LISTS, 300, (row, i) -> list(row, (700 + i) % 5, 700 + i, -700 - i));
    assertTrue(groups("a.parquet") > 3);
    Images images = open();
    assertEquals(1000, images.count());
    int[] which = {950, 3, 699, 700, 0, 512, 999, 41};
    for (int[] part : new int[][] {{0, 8}, {1, 2}, {2, 6}, {6, 8}}) {
      Samples samples =
          travelled(((ParquetSamples) images.only(which)).part(part[0], part[1]))
              .load()
              .samples(images.features(), images.classes());
      assertEquals(part[1] - part[0], samples.count());
      for (int i = 0; i < samples.count(); i++) {
        double[] x = new double[2];
        double[] y = new double[5];
        samples.write(i, x, 0, y, 0);
        int row = which[part[0] + i];
        assertArrayEquals(new double[] {row, -row}, x);
        assertEquals(1, y[row % 5]);
        assertEquals(1, Arrays.stream(y).sum());
      }
    }
  }

  private static ParquetSamples.Part travelled(ParquetSamples.Part part) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(part);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (ParquetSamples.Part) in.readObject();
    }
  }

  private int groups(String file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(new LocalInputFile(folder.resolve(file)))) {
      return reader.getRowGroups().size();
    }
  }

  /** What executors read for themselves gives the bits of what is sent to them. */
  @Test
  void shardsThatReadFilesComputeWhatOthersDo() throws IOException {
    Samples digits = Images.open("mnist-1k", null).first(150);
    for (int file = 0; file < 2; file++) {
      int from = 75 * file;
      write(file + ".parquet", LISTS, 75, (row, i) -> digit(row, digits, from + i));
    }
    Images images = open();
    Samples read = images.only(IntStream.range(0, 150).map(i -> (i * 7) % 150).toArray());
    Samples sent = new Copy(read);
    Sharding sharding = new Sharding(3, DType.F64, "cpu", 1, 1L << 30);
    assertEquals(0, Shipment.of(Local.spark(), read, 150, sharding).bytes());
    assertTrue(Shipment.of(Local.spark(), sent, 150, sharding).bytes() > 150 * 784);
    NamedModel model = NamedModel.onImages("mlp:784-6-10:tanh").fit("digits", 784, 10);
    double[][] gradients = new double[2][];
    double[][] steps = new double[2][];
    for (Samples samples : List.of(read, sent)) {
      int i = samples == read ? 0 : 1;
      try (Device device = Device.open("cpu", 1);
          Objective loss =
              Local.session(3).loss(model, "digits", samples, 149, 40, DType.F64, device);
          BatchLoss batches =
              Local.session(3)
                  .batches(
                      new TrainingTask(model, "digits", samples, samples, 20, 20, DType.F64, 4),
                      device)) {
        model.start().fill(loss, 3);
        loss.gradientPass();
        gradients[i] = loss.gradient().toArray();
        model.start().fill(batches.objective(), 3);
        batches.gradient(5);
        steps[i] = batches.gradient().toArray();
        assertEquals(150, batches.evaluate().samples());
      }
    }
    assertArrayEquals(gradients[1], gradients[0]);
    assertArrayEquals(steps[1], steps[0]);
  }

  private static void digit(Group row, Samples digits, int number) {
    double[] x = new double[digits.inputs()];
    double[] y = new double[digits.targets()];
    digits.write(number, x, 0, y, 0);
    list(row, IntStream.range(0, y.length).filter(k -> y[k] == 1).findFirst().orElseThrow(), x);
  }

  private record Copy(Samples original) implements Samples {
    @Override
    public int count() {
      return original.count();
    }

    @Override
    public int inputs() {
      return original.inputs();
    }

    @Override
    public int targets() {
      return original.targets();
    }

    @Override
    public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
      original.write(sample, x, xAt, y, yAt);
    }
  }

  /** The same data have the same digest, other data another: it says which run can be resumed. */
  @Test
  void theDigestIsThatOfTheFiles() throws IOException {
    write("a.parquet", LISTS, 2, (row, i) -> list(row, i, 1, 2));
    String first = open().sha256();
    assertEquals(64, first.length());
    assertEquals(first, open().sha256());
    write("b.parquet", LISTS, 2, (row, i) -> list(row, i, 1, 2));
    String two = open().sha256();
    Files.delete(folder.resolve("b.parquet"));
    write("b.parquet", LISTS, 2, (row, i) -> list(row, i, 1, 3));
    assertNotEquals(two, open().sha256());
    assertNotEquals(first, two);
  }

  private void refused(String words) {
    String sentence = assertThrows(UserException.class, () -> all(open())).getMessage();
    assertEquals(1, sentence.lines().count());
    assertTrue(sentence.contains("parquet:" + folder), sentence);
    assertTrue(sentence.contains(words), sentence);
  }

  @Test
  void whatIsWrongIsToldInASentence() throws IOException {
    refused("there is no file in");
    write(
        "x.parquet", LISTS, 2, (row, i) -> list(row, i, i == 0 ? new double[] {1} : new double[2]));
    refused("the image of row 1 (counted from 0) has 2 numbers, and that of row 0 1");
    write("y.parquet", LISTS, 2, (row, i) -> list(row, i, 1, i == 0 ? 2 : 1e300));
    Files.delete(folder.resolve("x.parquet"));
    refused("number 1 of row 1 (both counted from 0) is Infinity; all have to be finite");
    Files.delete(folder.resolve("y.parquet"));
    write("x.parquet", LISTS, 2, (row, i) -> list(row, i - 1, 1));
    refused("label 0 (counted from 0) is -1.0; whole numbers from 0 to 99999 are needed");
    Files.delete(folder.resolve("x.parquet"));
    write("x.parquet", LISTS, 2, (row, i) -> list(row, 0, 1));
    refused("all labels are 0; two classes at least are needed");
    write("y.parquet", LISTS, 2, (row, i) -> list(row, i, 1, Double.NaN));
    Files.delete(folder.resolve("x.parquet"));
    refused("number 1 of row 0 (both counted from 0) is missing");
    Files.delete(folder.resolve("y.parquet"));
    write(
        "z.parquet",
        "message m { required int32 label; required binary picture; }",
        1,
        (row, i) -> {
          row.add("label", i);
          row.add("picture", Binary.fromString("x"));
        });
    refused("z.parquet has the columns [label, picture]; image");
    Files.writeString(folder.resolve("z.parquet"), "this is no Parquet, though long enough");
    refused("it cannot be read");
    UserException none =
        assertThrows(
            UserException.class,
            () -> ParquetImages.open("parquet:" + folder + "/none", new Configuration()));
    assertTrue(none.getMessage().contains("there is no file or folder"), none.getMessage());
  }
}
