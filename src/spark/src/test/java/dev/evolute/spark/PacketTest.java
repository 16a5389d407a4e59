package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PacketTest {
  private static final double[] VALUES = {
    0, -0.0, 1.5, -3, Double.NaN, Double.POSITIVE_INFINITY, 0x1p-140, 0x1p100
  };

  @ParameterizedTest
  @EnumSource(DType.class)
  void whatIsReadIsWhatWasWritten(DType dtype) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Device device = Device.open("cpu", 1);
        Buffer there = device.allocate(dtype, VALUES.length);
        Buffer back = device.allocate(dtype, VALUES.length)) {
      there.set(VALUES);
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(Packet.of(there));
      }
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        ((Packet) in.readObject()).to(back);
      }
      assertArrayEquals(there.toArray(), back.toArray());
      // Zeros have signs.
      assertTrue(1 / back.toArray()[1] < 0);
    }
  }
}
