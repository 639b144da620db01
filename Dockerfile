# Un poste du cours, pour JupyterHub : les étapes sont celles du Makefile.
#   docker build -t cours-elagage .
# PyTorch sans CUDA : ajoutez --build-arg PIP_EXTRA_INDEX_URL=... (voir README.md).
ARG PYTHON_VERSION=3.12
FROM python:${PYTHON_VERSION}-bookworm

# Ce qu'un JupyterHub demande à un poste, en plus du cours : la même version majeure que le sien.
ARG AVEC="jupyterhub>=5,<6 nbgitpuller>=1.2,<2"
ARG PIP_EXTRA_INDEX_URL
ARG PIP_NO_CACHE_DIR=1
ARG NB_USER=jovyan
ARG NB_UID=1000

# Hors du dossier personnel, que JupyterHub recouvre par celui de l'étudiant.
WORKDIR /srv/cours
COPY . .
RUN make environnement

RUN useradd --create-home --uid ${NB_UID} ${NB_USER}
USER ${NB_USER}
WORKDIR /home/${NB_USER}
ENV PATH=/srv/cours/.venv/bin:${PATH}
EXPOSE 8888
CMD ["jupyterhub-singleuser"]
