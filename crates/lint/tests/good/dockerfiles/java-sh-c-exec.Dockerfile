FROM eclipse-temurin:21
COPY app.jar /
ENTRYPOINT ["sh", "-c", "exec java ${JAVA_OPTS} org.springframework.boot.loader.launch.JarLauncher \"$0\" \"$@\""]
