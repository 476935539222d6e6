"""The simulated cluster in motion: its objects, controllers, kubelets and stories, on one agenda of due actions.

Begin with `simulation.Scenario`. `populate` places what there is at the start (`past`: what has been running
for a while), made by `shapes` from the templates of objects.yaml. From then on controllers (`controller`, wired up in
`control_plane`) react to what is written through `world.World`, `kubelet` brings pods up and down, and `steps` takes
the steps of the stories that `simulation.Director` begins. There are no threads here, and all chance is of one seed.
"""
