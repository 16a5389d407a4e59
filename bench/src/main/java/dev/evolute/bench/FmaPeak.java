package dev.evolute.bench;

import dev.evolute.bench.duel.Case;
import dev.evolute.bench.duel.Contender;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import java.util.Locale;

/**
 * The physical limit of arithmetic: fused multiply-adds on registers alone, as many a second as the
 * processor starts.
 */
public final class FmaPeak implements Contender {
  private static final int ROUNDS = 500_000;

  private Device device;
  private Kernels kernels;
  private double work;

  @Override
  public String describe() {
    return "fused multiply-adds on registers";
  }

  @Override
  public boolean take(Case which) {
    device = Device.open("cpu", which.threads());
    kernels = device.kernels(DType.valueOf(which.dtype().toUpperCase(Locale.ROOT)));
    work = 1e-9 * kernels.multiplyAdds(1) * ROUNDS;
    return true;
  }

  @Override
  public void call() {
    kernels.multiplyAdds(ROUNDS);
  }

  @Override
  public double work() {
    return work;
  }

  @Override
  public void release() {
    device.close();
  }
}
