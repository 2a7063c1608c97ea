// Stands for the sources that share the precompiled Catch2 header.
int main() {
    return 0;
}
