package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of Parquet files, which the library of the format itself writes. */
class ParquetImagesTest {
  private static final String LISTS =
      "message m { required int64 label; optional group image (LIST) { repeated group list { optional float element; } } }";

  @TempDir Path folder;

  private void write(String file, String schema, int rows, BiConsumer<Group, Integer> fill)
      throws IOException {
    MessageType type = MessageTypeParser.parseMessageType(schema);
    SimpleGroupFactory groups = new SimpleGroupFactory(type);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(folder.resolve(file)))
            .withType(type)
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
        "message m { required int32 label; optional group image (LIST) { repeated double array; } }",
        2,
        (row, i) -> {
          row.add("label", i);
          Group list = row.addGroup("image");
          list.add("array", 0.1 * i);
          list.add("array", 3.0);
        });
    assertArrayEquals(new double[] {0, 3, 0.1, 3}, all(open())[0]);
  }

  private void refused(String words) {
    String sentence = assertThrows(UserException.class, this::open).getMessage();
    assertEquals(1, sentence.lines().count());
    assertTrue(sentence.startsWith("--data parquet:" + folder), sentence);
    assertTrue(sentence.contains(words), sentence);
  }

  @Test
  void whatIsWrongIsToldInASentence() throws IOException {
    refused("there is no file in");
    write(
        "x.parquet", LISTS, 2, (row, i) -> list(row, i, i == 0 ? new double[] {1} : new double[2]));
    refused("the image of row 1 (counted from 0) has 2 numbers, and that of row 0 1");
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
