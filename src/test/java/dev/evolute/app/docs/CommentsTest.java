package dev.evolute.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.evolute.app.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Whatever the exported packages have that is public says what it is. Of javadoc's checks this is
 * the group {@code missing} without its tags: a sentence that names every parameter need not be
 * repeated in one tag each.
 */
class CommentsTest {
  private static final List<String> EXPORTED =
      List.of(
          "kernels-cpu/src/main/java/dev/evolute/kernels",
          "kernels-cpu/src/main/java/dev/evolute/spectral",
          "autodiff/src/main/java/dev/evolute/autodiff/curvature",
          "autodiff/src/main/java/dev/evolute/autodiff/graph",
          "autodiff/src/main/java/dev/evolute/autodiff/io",
          "autodiff/src/main/java/dev/evolute/autodiff/nn",
          "autodiff/src/main/java/dev/evolute/autodiff/op",
          "autodiff/src/main/java/dev/evolute/autodiff/optim");

  /** Collects what is public and says nothing. */
  private static final class Uncommented extends TreePathScanner<Void, Void> {
    private final DocTrees docs;
    private final CompilationUnitTree unit;
    private final List<String> found;
    private int seen;

    Uncommented(DocTrees docs, CompilationUnitTree unit, List<String> found) {
      this.docs = docs;
      this.unit = unit;
      this.found = found;
    }

    @Override
    public Void visitClass(ClassTree type, Void none) {
      if (!isPublic(type.getModifiers())) {
        return null;
      }
      check(type, type.getSimpleName().toString());
      return super.visitClass(type, none);
    }

    @Override
    public Void visitMethod(MethodTree method, Void none) {
      boolean inherits =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
      if (isPublic(method.getModifiers()) && !inherits) {
        check(method, method.getName() + "(");
      }
      return null;
    }

    @Override
    public Void visitVariable(VariableTree field, Void none) {
      Tree.Kind owner = getCurrentPath().getParentPath().getLeaf().getKind();
      boolean component = owner == Tree.Kind.RECORD && !isStatic(field.getModifiers());
      if (isPublic(field.getModifiers()) && !component) {
        check(field, field.getName().toString());
      }
      return null;
    }

    private boolean isPublic(ModifiersTree modifiers) {
      Tree owner = getCurrentPath().getParentPath().getLeaf();
      boolean implied = owner.getKind() == Tree.Kind.INTERFACE;
      return modifiers.getFlags().contains(Modifier.PUBLIC)
          || modifiers.getFlags().contains(Modifier.PROTECTED)
          || (implied && !modifiers.getFlags().contains(Modifier.PRIVATE));
    }

    private static boolean isStatic(ModifiersTree modifiers) {
      return modifiers.getFlags().contains(Modifier.STATIC);
    }

    private void check(Tree tree, String name) {
      seen++;
      TreePath path = getCurrentPath();
      DocCommentTree comment = docs.getDocCommentTree(path);
      boolean says = comment != null && !comment.getFullBody().isEmpty();
      if (!says) {
        long start = docs.getSourcePositions().getStartPosition(unit, tree);
        found.add(
            "%s:%d: %s"
                .formatted(
                    Path.of(unit.getSourceFile().toUri()).getFileName(),
                    unit.getLineMap().getLineNumber(start),
                    name));
      }
    }
  }

  @Test
  void whateverIsPublicHasAComment() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String folder : EXPORTED) {
      try (Stream<Path> files = Files.list(SourceTree.root().resolve(folder))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> found = new ArrayList<>();
    int seen = 0;
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, List.of(), null, files.getJavaFileObjectsFromPaths(sources));
      DocTrees docs = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        Uncommented scanner = new Uncommented(docs, unit, found);
        scanner.scan(new TreePath(unit), null);
        seen += scanner.seen;
      }
    }
    assertTrue(seen > 800, seen + " public members");
    assertEquals("", String.join(System.lineSeparator(), found));
  }
}
