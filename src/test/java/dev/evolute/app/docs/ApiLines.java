package dev.evolute.app.docs;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One line for a public type and one for each member that its users see. */
final class ApiLines {
  private static final Set<String> OF_EVERY_RECORD = Set.of("equals", "hashCode", "toString");
  private static final Set<String> OF_EVERY_ENUM = Set.of("values", "valueOf");

  private ApiLines() {}

  static List<String> of(Class<?> type) {
    Class<?> around = type.getEnclosingClass();
    for (Class<?> c = type; c != null; c = c.getEnclosingClass()) {
      if (!isSeen(c.getModifiers()) || c.isAnonymousClass() || c.isLocalClass()) {
        return List.of();
      }
    }
    if (type.isSynthetic() || (around == null && !Modifier.isPublic(type.getModifiers()))) {
      return List.of();
    }
    Set<String> members = new TreeSet<>();
    for (Field field : type.getDeclaredFields()) {
      if (isSeen(field)) {
        members.add("  " + words(field) + name(field.getGenericType()) + " " + field.getName());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isSeen(constructor) && !type.isEnum()) {
        members.add("  new(" + names(constructor.getGenericParameterTypes()) + ")");
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      boolean implied =
          type.isRecord() && OF_EVERY_RECORD.contains(method.getName())
              || type.isEnum() && OF_EVERY_ENUM.contains(method.getName());
      if (isSeen(method) && !implied) {
        members.add("  " + signature(method));
      }
    }
    List<String> lines = new java.util.ArrayList<>(List.of(header(type)));
    lines.addAll(members);
    return lines;
  }

  private static boolean isSeen(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static boolean isSeen(Member member) {
    return isSeen(member.getModifiers()) && !member.isSynthetic();
  }

  private static String header(Class<?> type) {
    String kind =
        type.isRecord()
            ? "record"
            : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
    StringBuilder line = new StringBuilder();
    if (kind.equals("class") && Modifier.isFinal(type.getModifiers())) {
      line.append("final ");
    }
    if (kind.equals("class") && Modifier.isAbstract(type.getModifiers())) {
      line.append("abstract ");
    }
    if (type.isSealed()) {
      line.append("sealed ");
    }
    line.append(kind).append(' ').append(name(type));
    if (type.isRecord()) {
      line.append(
          Arrays.stream(type.getRecordComponents())
              .map(ApiLines::component)
              .collect(Collectors.joining(", ", "(", ")")));
    }
    Class<?> above = type.getSuperclass();
    if (kind.equals("class") && above != Object.class) {
      line.append(" extends ").append(name(type.getGenericSuperclass()));
    }
    if (type.getInterfaces().length > 0) {
      line.append(" implements ").append(names(type.getGenericInterfaces()));
    }
    return line.toString();
  }

  private static String component(RecordComponent component) {
    return name(component.getGenericType()) + " " + component.getName();
  }

  private static String signature(Method method) {
    String variables =
        Arrays.stream(method.getTypeParameters())
            .map(variable -> variable.getName() + " extends " + names(variable.getBounds()))
            .collect(Collectors.joining(", "));
    return words(method)
        + (variables.isEmpty() ? "" : "<" + variables + "> ")
        + name(method.getGenericReturnType())
        + " "
        + method.getName()
        + "("
        + names(method.getGenericParameterTypes())
        + ")"
        + (method.getExceptionTypes().length == 0
            ? ""
            : " throws " + names(method.getGenericExceptionTypes()));
  }

  /** Modifiers that a caller or an implementor minds. */
  private static String words(Member member) {
    int modifiers = member.getModifiers();
    boolean inInterface = member.getDeclaringClass().isInterface();
    return (Modifier.isProtected(modifiers) ? "protected " : "")
        + (Modifier.isStatic(modifiers) ? "static " : "")
        + (Modifier.isAbstract(modifiers) && !inInterface ? "abstract " : "")
        + (member instanceof Method method && method.isDefault() ? "default " : "");
  }

  private static String names(Type[] types) {
    return Arrays.stream(types).map(ApiLines::name).collect(Collectors.joining(", "));
  }

  /** Without packages: no two types of the API share a name. */
  private static String name(Type type) {
    return type.getTypeName().replaceAll("\\b[a-z][a-z0-9]*\\.(?=[a-zA-Z])", "").replace('$', '.');
  }
}
