FROM hashicorp/terraform:1.9
ENTRYPOINT []
CMD ["server"]
