"""What every service stands on. The kernel knows no service; every service knows the kernel."""
