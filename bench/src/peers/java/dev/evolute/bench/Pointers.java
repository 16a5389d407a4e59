package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;

/** Our memory as the native libraries take it, in place. */
final class Pointers {
  private Pointers() {}

  static FloatPointer floats(Buffer buffer) {
    return new FloatPointer(bytes(buffer).asFloatBuffer());
  }

  static DoublePointer doubles(Buffer buffer) {
    return new DoublePointer(bytes(buffer).asDoubleBuffer());
  }

  private static ByteBuffer bytes(Buffer buffer) {
    return buffer.segment().asByteBuffer().order(ByteOrder.nativeOrder());
  }
}
