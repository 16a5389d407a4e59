package dev.evolute.app.cli;

import java.util.Iterator;
import java.util.List;

/** Names that an option or an argument takes: for its help, and for a shell that completes them. */
abstract class Names implements Iterable<String> {
  private final List<String> names;

  Names(List<String> names) {
    this.names = names;
  }

  @Override
  public Iterator<String> iterator() {
    return names.iterator();
  }
}
