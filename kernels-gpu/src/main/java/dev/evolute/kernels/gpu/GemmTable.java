package dev.evolute.kernels.gpu;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Which products cuBLAS makes, by shape, as it was measured on this machine: a file in the cache
 * for each device, driver, cuBLAS, compiler and state of our kernels, a line a shape. Of two
 * processes that measure a shape at a time, both take what was written first.
 */
final class GemmTable {
  private static final List<String> SOURCES =
      List.of(
          "gemm.cu", "tf32.cu", "tf32x3.cu", "bf16.cu", "bf16x3.cu", "product.cuh", "tensor.cuh");

  private static final String CUBLAS = "cublas";

  private final Cache cache;
  private final String key;
  private final String title;

  /**
   * @param made all that times depend on beside shapes, for people
   * @param sources of our kernels
   */
  GemmTable(Cache cache, String made, List<String> sources) {
    this.cache = cache;
    title = "# " + made;
    List<String> parts = new ArrayList<>(List.of("1", made));
    parts.addAll(sources);
    key = Cache.key(parts);
  }

  static GemmTable of(Cache cache, CudaDevice device, String version) {
    String made = device.model() + ", " + device.cuda().version() + ", cuBLAS " + version;
    List<String> sources = new ArrayList<>(List.of(device.cuda().compiler()));
    SOURCES.forEach(name -> sources.add(Resource.text("cuda/" + name)));
    return new GemmTable(cache, made, sources);
  }

  /**
   * What was chosen for a shape, or is now.
   *
   * @param measured seconds of ours and of cuBLAS
   * @return whether cuBLAS makes it; false where a choice could not be kept
   */
  boolean choice(String shape, Supplier<double[]> measured) {
    String kept = read().get(shape);
    if (kept == null) {
      double[] seconds = measured.get();
      boolean worth = GemmChoice.isWorth(seconds[0], seconds[1]);
      String by = worth ? CUBLAS : GemmChoice.By.OURS.toString();
      String line =
          String.format(Locale.ROOT, "%s %.2f us, %.2f", by, 1e6 * seconds[0], 1e6 * seconds[1]);
      cache.update(key, before -> with(before, shape, line));
      kept = read().getOrDefault(shape, "");
    }
    return kept.startsWith(CUBLAS);
  }

  private Map<String, String> read() {
    return cache.load(key).map(GemmTable::lines).orElseGet(TreeMap::new);
  }

  private static Map<String, String> lines(byte[] file) {
    Map<String, String> lines = new TreeMap<>();
    for (String line : new String(file, StandardCharsets.UTF_8).split("\n")) {
      int border = line.indexOf(": ");
      if (!line.startsWith("#") && border > 0) {
        lines.put(line.substring(0, border), line.substring(border + 2));
      }
    }
    return lines;
  }

  private byte[] with(byte[] before, String shape, String line) {
    Map<String, String> lines = lines(before);
    lines.putIfAbsent(shape, line);
    StringBuilder text = new StringBuilder(title).append("; ours, cuBLAS\n");
    lines.forEach((k, v) -> text.append(k).append(": ").append(v).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
