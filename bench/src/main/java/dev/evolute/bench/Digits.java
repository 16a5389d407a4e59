package dev.evolute.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.zip.GZIPInputStream;

/**
 * Images of MNIST with their labels, from the subset that Evolute comes with.
 *
 * @param images {@code [n x 784]}, standardised as the application does it
 * @param labels {@code [n]}
 */
record Digits(double[] images, double[] labels) {
  /** The first n of them. */
  static Digits first(int n) {
    try (InputStream about = Digits.class.getResourceAsStream("mnist-1k.properties");
        DataInputStream in =
            new DataInputStream(
                new GZIPInputStream(Digits.class.getResourceAsStream("mnist-1k.idx.gz")))) {
      Properties properties = new Properties();
      properties.load(about);
      double mean = Double.parseDouble(properties.getProperty("mean"));
      double std = Double.parseDouble(properties.getProperty("std"));
      // Two IDX blocks: a magic number and three dimensions before the images, one before the
      // labels.
      in.readInt();
      int samples = in.readInt();
      if (n > samples) {
        throw new IllegalArgumentException(
            "digits: " + n + " samples asked for, there are " + samples);
      }
      byte[] pixels = new byte[samples * in.readInt() * in.readInt()];
      in.readFully(pixels);
      in.readLong();
      double[] images = new double[pixels.length / samples * n];
      for (int i = 0; i < images.length; i++) {
        images[i] = ((pixels[i] & 0xff) / 255.0 - mean) / std;
      }
      double[] labels = new double[n];
      for (int i = 0; i < n; i++) {
        labels[i] = in.readByte();
      }
      return new Digits(images, labels);
    } catch (IOException e) {
      throw new UncheckedIOException("digits: the bundled images cannot be read", e);
    }
  }
}
