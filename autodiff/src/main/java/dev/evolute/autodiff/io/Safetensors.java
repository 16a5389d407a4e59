package dev.evolute.autodiff.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.evolute.kernels.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Safetensors, named arrays without code: F32 and F64 are read and written.
 *
 * <pre>
 *   length of the header (8 bytes, little-endian), header, elements (little-endian, C order)
 *   header  {"W1": {"dtype": "F32", "shape": [50, 784], "data_offsets": [0, 156800]}, ...}
 * </pre>
 *
 * Offsets count from the end of the header and cover all that follows, without holes or overlaps.
 */
public final class Safetensors {
  /** Longest header that the reference implementation reads. */
  private static final long MOST_HEADER = 100_000_000;

  private static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Safetensors() {}

  /** Where an array stands. */
  private record Entry(String name, DType dtype, List<Integer> shape, long from, long to) {}

  /**
   * What a file holds.
   *
   * @param metadata texts by name, free of meaning to the format
   * @param tensors arrays by name, in the order of the header
   */
  record Content(Map<String, String> metadata, Map<String, Tensor> tensors) {}

  /**
   * Reads a file; names in the order of the header, metadata left out.
   *
   * @throws IOException if it cannot be read, is no such file, or holds other types
   */
  public static Map<String, Tensor> read(Path path) throws IOException {
    return content(path).tensors();
  }

  static Content content(Path path) throws IOException {
    return WholeFile.read(path, file -> content(path.toString(), file));
  }

  static Content content(String name, MemorySegment file) throws IOException {
    if (file.byteSize() < 8) {
      throw new IOException(name + ": this is no safetensors file; it has no header");
    }
    long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > MOST_HEADER) {
      throw new IOException(
          name
              + ": this is no safetensors file; its header would have "
              + Long.toUnsignedString(length)
              + " bytes");
    }
    if (length > file.byteSize() - 8) {
      throw new IOException(name + ": the file ends within its header; it is truncated");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries =
        entries(name, file.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE), metadata);
    check(name, entries, file.byteSize() - 8 - length);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Entry entry : entries) {
      int count = (int) ((entry.to - entry.from) / entry.dtype.bytes());
      double[] values =
          Tensor.decode(file, 8 + length + entry.from, entry.dtype, ByteOrder.LITTLE_ENDIAN, count);
      tensors.put(entry.name, new Tensor(entry.dtype, entry.shape, values));
    }
    return new Content(metadata, tensors);
  }

  private static List<Entry> entries(String file, byte[] header, Map<String, String> metadata)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (JsonParser json = JSON.createParser(header)) {
      expect(file, json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        expect(file, json.nextToken(), JsonToken.START_OBJECT);
        if (name.equals(METADATA)) {
          while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            expect(file, json.nextToken(), JsonToken.VALUE_STRING);
            metadata.put(key, json.getText());
          }
        } else {
          entries.add(entry(file, name, json));
        }
      }
      expect(file, json.nextToken(), null);
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + ": the header is not the JSON of safetensors: " + e.getOriginalMessage(), e);
    }
    return entries;
  }

  private static Entry entry(String file, String name, JsonParser json) throws IOException {
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      JsonToken value = json.nextToken();
      switch (key) {
        case "dtype" -> {
          expect(file, value, JsonToken.VALUE_STRING);
          type = json.getText();
        }
        case "shape" -> shape = numbers(file, json);
        case "data_offsets" -> offsets = numbers(file, json);
        default -> json.skipChildren();
      }
    }
    String place = file + ", " + name;
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw new IOException(place + ": the header lacks its dtype, shape or two data_offsets");
    }
    if (!type.equals("F32") && !type.equals("F64")) {
      throw new IOException(place + ": the elements are " + type + "; F32 and F64 can be read");
    }
    DType dtype = DType.valueOf(type);
    List<Integer> sizes = Sizes.dimensions(place, shape);
    long bytes = (long) Sizes.count(place, sizes) * dtype.bytes();
    long from = offsets.get(0);
    long to = offsets.get(1);
    if (from < 0 || to - from != bytes) {
      throw new IOException(
          place
              + ": shape "
              + sizes
              + " of "
              + dtype
              + " takes "
              + bytes
              + " bytes, data_offsets are "
              + offsets);
    }
    return new Entry(name, dtype, sizes, from, to);
  }

  private static List<Long> numbers(String file, JsonParser json) throws IOException {
    expect(file, json.currentToken(), JsonToken.START_ARRAY);
    List<Long> numbers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(file, json.currentToken(), JsonToken.VALUE_NUMBER_INT);
      numbers.add(json.getLongValue());
    }
    return numbers;
  }

  private static void expect(String file, JsonToken actual, JsonToken wanted) throws IOException {
    if (actual != wanted) {
      throw new IOException(
          file
              + ": the header is not that of safetensors: "
              + actual
              + (wanted == null ? " after its end" : " where " + wanted + " belongs"));
    }
  }

  /** The arrays cover all bytes behind the header, each once. */
  private static void check(String file, List<Entry> entries, long bytes) throws IOException {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
    long end = 0;
    for (Entry entry : sorted) {
      if (entry.from != end) {
        throw new IOException(
            file
                + ", "
                + entry.name
                + ": data_offsets begin at "
                + entry.from
                + " where the array before ends at "
                + end
                + "; there must be neither a hole nor an overlap");
      }
      end = entry.to;
    }
    if (end != bytes) {
      throw new IOException(
          file
              + ": the arrays take "
              + end
              + " bytes, the file has "
              + bytes
              + (bytes < end ? "; it is truncated" : "; they are too many"));
    }
  }

  /** Writes a file, whole or not at all. */
  public static void write(Path path, Map<String, Tensor> tensors) throws IOException {
    write(path, new Content(Map.of(), tensors));
  }

  static void write(Path path, Content content) throws IOException {
    WholeFile.write(path, out -> write(content, out));
  }

  static void write(Content content, OutputStream out) throws IOException {
    Map<String, Tensor> tensors = content.tensors();
    if (tensors.containsKey(METADATA)) {
      throw new IllegalArgumentException(
          "safetensors: no array can be named " + METADATA + "; choose another name");
    }
    // The widest first: each array then is aligned to its elements.
    List<Map.Entry<String, Tensor>> order = new ArrayList<>(tensors.entrySet());
    order.sort(Comparator.comparing(entry -> -entry.getValue().dtype().bytes()));
    byte[] header = header(content.metadata(), order);
    int padding = (8 - header.length % 8) % 8;
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(header.length + padding).array());
    out.write(header);
    out.write(" ".repeat(padding).getBytes());
    for (Map.Entry<String, Tensor> entry : order) {
      entry.getValue().encode(out);
    }
  }

  private static byte[] header(
      Map<String, String> metadata, List<Map.Entry<String, Tensor>> tensors) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long at = 0;
      for (Map.Entry<String, Tensor> entry : tensors) {
        Tensor tensor = entry.getValue();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeFieldName("shape");
        int[] shape = tensor.shape().stream().mapToInt(d -> d).toArray();
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {at, at + tensor.bytes()}, 0, 2);
        json.writeEndObject();
        at += tensor.bytes();
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
