package dev.evolute.app.data;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what Python's pickle has written of dictionaries, lists, tuples, numbers, texts, bytes and
 * NumPy's arrays, in its protocols 3 to 5. A pickle is a program for a machine with a stack; what
 * it calls is written down here as a {@link Call} and never run. Bytes are slices of the file, so
 * that images stay where they are.
 */
final class Pickle {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Python's None. */
  static final Object NONE = new Object();

  /** A function or a class by module and name. */
  record Name(String module, String name) {}

  /** What would be the value of a call, and the state it would be given. */
  static final class Call {
    final Name function;
    final List<?> arguments;
    Object state = NONE;

    Call(Name function, List<?> arguments) {
      this.function = function;
      this.arguments = arguments;
    }
  }

  private final MemorySegment file;
  private long at;

  /** Stacks below the mark at work. */
  private final Deque<List<Object>> below = new ArrayDeque<>();

  private List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private Pickle(MemorySegment file) {
    this.file = file;
  }

  /**
   * The value of a pickle.
   *
   * @throws IOException if it is truncated, none, or holds what is not read here
   */
  static Object read(MemorySegment file) throws IOException {
    Pickle pickle = new Pickle(file);
    try {
      return pickle.run();
    } catch (IndexOutOfBoundsException e) {
      boolean inFile = pickle.at < file.byteSize();
      throw new IOException(
          inFile ? "it is no pickle of arrays, or damaged" : "it is truncated", e);
    } catch (RuntimeException e) {
      // An empty stack, a value of another type: whatever a damaged program trips over.
      throw new IOException("it is no pickle of arrays, or damaged", e);
    }
  }

  private Object run() throws IOException {
    if (file.byteSize() < 2 || take(1) != 0x80 || take(1) < 3) {
      throw new IOException("it is no pickle of protocol 3 or above");
    }
    while (true) {
      int code = (int) take(1);
      if (code == '.') {
        return pop();
      }
      step(code);
    }
  }

  private void step(int code) throws IOException {
    switch (code) {
      case '(' -> {
        below.push(stack);
        stack = new ArrayList<>();
      }
      case 0x95 -> take(8); // A frame's length.
      case 'N' -> push(NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push(take(1));
      case 'M' -> push(take(2));
      case 'J' -> push((long) (int) take(4));
      case 'X' -> push(text(take(4)));
      case 0x8c -> push(text(take(1)));
      case 0x8d -> push(text(take(8)));
      case 'B' -> push(bytes(take(4)));
      case 'C' -> push(bytes(take(1)));
      case 0x8e, 0x96 -> push(bytes(take(8)));
      case ']' -> push(new ArrayList<>());
      case '}' -> push(new LinkedHashMap<>());
      case ')' -> push(List.of());
      case 0x85, 0x86, 0x87 -> push(last(code - 0x84));
      case 't' -> push(sinceMark());
      case 'a' -> {
        Object item = pop();
        list().add(item);
      }
      case 'e' -> {
        List<Object> items = sinceMark();
        list().addAll(items);
      }
      case 's' -> put(last(2));
      case 'u' -> put(sinceMark());
      case 'c' -> push(new Name(line(), line()));
      case 0x93 -> {
        List<Object> names = last(2);
        push(new Name((String) names.get(0), (String) names.get(1)));
      }
      case 'R' -> {
        List<Object> call = last(2);
        push(new Call((Name) call.get(0), (List<?>) call.get(1)));
      }
      case 'b' -> {
        Object state = pop();
        ((Call) stack.getLast()).state = state;
      }
      case 'q' -> memo.put((int) take(1), stack.getLast());
      case 0x94 -> memo.put(memo.size(), stack.getLast());
      case 'h' -> push(remembered((int) take(1)));
      default ->
          throw new IOException(
              "it is no pickle of arrays, or damaged: code %d at byte %d is not known"
                  .formatted(code, at - 1));
    }
  }

  /** An unsigned number of so many bytes, the lowest first. */
  private long take(int bytes) {
    long from = at;
    at += bytes;
    return switch (bytes) {
      case 1 -> file.get(ValueLayout.JAVA_BYTE, from) & 0xff;
      case 2 -> file.get(ValueLayout.JAVA_BYTE, from) & 0xff | takeHigh(from + 1) << 8;
      case 4 -> file.get(INT, from) & 0xffffffffL;
      default -> file.get(LONG, from);
    };
  }

  private long takeHigh(long from) {
    return file.get(ValueLayout.JAVA_BYTE, from) & 0xff;
  }

  private MemorySegment bytes(long length) {
    long from = at;
    at = length < 0 ? Long.MAX_VALUE : Math.addExact(at, length);
    if (at > file.byteSize()) {
      throw new IndexOutOfBoundsException();
    }
    return file.asSlice(from, length);
  }

  private String text(long length) {
    return textOf(bytes(length));
  }

  private static String textOf(MemorySegment bytes) {
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private String line() {
    long from = at;
    while (take(1) != '\n') {
      // The end is looked for.
    }
    return textOf(file.asSlice(from, at - from - 1));
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object pop() {
    return stack.remove(stack.size() - 1);
  }

  private Object remembered(int i) {
    if (!memo.containsKey(i)) {
      throw new IndexOutOfBoundsException();
    }
    return memo.get(i);
  }

  /** Takes the last values from the stack. */
  private List<Object> last(int count) {
    List<Object> values = stack.subList(stack.size() - count, stack.size());
    List<Object> taken = new ArrayList<>(values);
    values.clear();
    return taken;
  }

  private List<Object> sinceMark() {
    if (below.isEmpty()) {
      throw new IndexOutOfBoundsException();
    }
    List<Object> items = stack;
    stack = below.pop();
    return items;
  }

  @SuppressWarnings("unchecked")
  private List<Object> list() {
    return (List<Object>) stack.getLast();
  }

  @SuppressWarnings("unchecked")
  private void put(List<Object> items) {
    Map<Object, Object> map = (Map<Object, Object>) stack.getLast();
    for (int i = 0; i + 1 < items.size(); i += 2) {
      map.put(items.get(i), items.get(i + 1));
    }
  }
}
