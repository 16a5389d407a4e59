package dev.evolute.bench.duel;

/**
 * A contender that does nothing of use, in the ways that tests need: its case says what it does.
 */
public class FakeContender implements Contender {
  private static volatile double sink;
  private String what;

  /** A contender twice as slow. */
  public static final class Slow extends FakeContender {
    @Override
    public void call() {
      super.call();
      super.call();
    }

    @Override
    double product() {
      return 1.01;
    }
  }

  @Override
  public String describe() {
    // Libraries print where they like.
    System.out.println("noise on standard output");
    return "a fake";
  }

  @Override
  public boolean take(Case which) throws Exception {
    what = which.what();
    switch (what) {
      case "none":
        return false;
      case "dies":
        System.err.println("a reason to die");
        Runtime.getRuntime().halt(3);
        return true;
      case "hangs":
        Thread.sleep(60_000);
        return true;
      case "wrong":
        throw new IllegalStateException("its result is off");
      default:
        return true;
    }
  }

  @Override
  public void call() {
    for (int i = 0; i < 1000; i++) {
      sink += i;
    }
    if (what.equals("allocates")) {
      sink += new byte[1000].length;
    }
  }

  @Override
  public double work() {
    return 1e-6;
  }

  /** One of the numbers of the fingerprint. */
  double product() {
    return 1;
  }

  @Override
  public double[] fingerprint() {
    return what.equals("differs") ? new double[] {2, product()} : new double[0];
  }

  @Override
  public void release() {
    what = null;
  }
}
