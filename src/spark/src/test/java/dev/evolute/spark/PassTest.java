package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.SampledLoss;
import dev.evolute.kernels.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.Test;

class PassTest {
  private record Large(byte[] all) implements Recipe {
    @Override
    public int samples() {
      return 1;
    }

    @Override
    public int rows() {
      return 1;
    }

    @Override
    public SampledLoss loss() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void load(int from, int to, Chunks shard) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aPassDoesNotCarryTheRecipe() throws IOException {
    Broadcast<Recipe> recipe = Local.spark().broadcast(new Large(new byte[1_000_000]));
    Sharding sharding = new Sharding(1000, DType.F32, "cpu", 1, 1 << 20);
    Pass pass = Pass.at(new Pass.Run("run", sharding, recipe), Pass.Kind.VALUE, 1, null);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(pass);
    }
    assertTrue(bytes.size() < 5_000, bytes.size() + " bytes");
    recipe.destroy();
  }
}
