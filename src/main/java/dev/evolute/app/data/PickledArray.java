package dev.evolute.app.data;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;

/**
 * A NumPy array in a pickle, row by row.
 *
 * @param type NumPy's name of its elements, {@code u1} for bytes
 * @param shape its sizes
 * @param data its elements
 */
record PickledArray(String type, List<Long> shape, MemorySegment data) {
  /**
   * The array that a value of a pickle stands for.
   *
   * @throws IOException if it is none
   */
  static PickledArray of(Object value) throws IOException {
    try {
      if (value instanceof Pickle.Call call) {
        return switch (call.function.name()) {
          // Its state is version, shape, type, whether columns come first, and the elements.
          case "_reconstruct" -> {
            List<?> state = (List<?>) call.state;
            yield of(state.get(1), state.get(2), (boolean) state.get(3), state.get(4));
          }
          // Of protocol 5: elements, type, shape, order.
          case "_frombuffer" -> {
            List<?> of = call.arguments;
            boolean columns = !"C".equals(of.get(3));
            yield of(of.get(2), of.get(1), columns, of.get(0));
          }
          default -> throw none();
        };
      }
      throw none();
    } catch (RuntimeException e) {
      throw none();
    }
  }

  private static PickledArray of(Object shape, Object type, boolean columnsFirst, Object data)
      throws IOException {
    if (columnsFirst) {
      throw new IOException("its array lies column by column, row by row is read");
    }
    List<Long> sizes = ((List<?>) shape).stream().map(Long.class::cast).toList();
    String name = (String) ((Pickle.Call) type).arguments.get(0);
    return new PickledArray(name.toLowerCase(Locale.ROOT), sizes, (MemorySegment) data);
  }

  private static IOException none() {
    return new IOException("it holds no NumPy array where one is expected");
  }
}
